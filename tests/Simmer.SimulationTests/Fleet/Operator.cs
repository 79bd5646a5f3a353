using Simmer.SimulationTests.Faults;
using Simmer.SimulationTests.Running;
using Simmer.Storage;

namespace Simmer.SimulationTests.Fleet;

/// <summary>People who cancel, retry, delete, pause and resume.</summary>
internal sealed class Operator(SharedStore store, WorkerFleet fleet, Numbers numbers)
{
    private World World => store.World;

    public async Task RunAsync(int deeds)
    {
        for (var i = 0; i < deeds; i++)
        {
            await World.Delay(World.Between(0.01, 4));
            if (numbers.Last > 0 && fleet.Any() is { } worker)
            {
                await TryAsync(worker, store.Ledger.Stories.ElementAt(World.Random.Next(numbers.Last)).Id);
            }
        }
    }

    private async Task TryAsync(WorkerProcess worker, JobId id)
    {
        try
        {
            await worker.DoAsync(() => DoAsync(worker, id));
        }
        catch (StoreException e)
        {
            World.Trace.Add($"operator is refused by {worker.Process.Name}: {e.Message}");
        }
    }

    private Task DoAsync(WorkerProcess worker, JobId id)
    {
        var (pauses, queue) = (World.Chance(0.5), FleetOptions.Queues[World.Random.Next(FleetOptions.Queues.Length)]);
        return World.Random.Next(10) switch
        {
            < 5 => worker.Jobs.CancelAsync(id, "by hand"),
            < 7 => worker.Jobs.RetryAsync(id),
            < 8 => worker.Lane.Store.DeleteAsync([id], worker.Node.Engine.Now, CancellationToken.None).AsTask(),
            _ => worker.Lane.Store.SetQueueAsync(queue, pauses, worker.Node.Engine.Now, CancellationToken.None).AsTask(),
        };
    }
}
