using Simmer.SimulationTests.Faults;
using Simmer.SimulationTests.Flows;
using Simmer.SimulationTests.Running;

namespace Simmer.SimulationTests.Fleet;

/// <summary>People who cancel, retry, delete, pause and resume.</summary>
internal sealed class Operator(SharedStore store, WorkerFleet fleet)
{
    private World World => store.World;

    public async Task RunAsync(int deeds)
    {
        for (var i = 0; i < deeds; i++)
        {
            await World.Delay(World.Between(0.01, 4));
            if (fleet.Any() is not { } worker)
            {
                continue;
            }

            if (store.Ledger.Flows.All is { Count: > 0 } flows && World.Chance(0.5))
            {
                var flow = flows[World.Random.Next(flows.Count)];
                await TryAsync(worker, () => DoAsync(worker, flow));
            }
            else if (store.Ledger.Stories is { Count: > 0 } stories)
            {
                var story = stories.ElementAt(World.Random.Next(stories.Count));
                await TryAsync(worker, () => DoAsync(worker, story.Id));
            }
        }
    }

    private async Task TryAsync(WorkerProcess worker, Func<Task> deed)
    {
        try
        {
            await worker.DoAsync(deed);
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
            < 8 => worker.Engine.Store.DeleteAsync([id], worker.Node.Context.Now, CancellationToken.None).AsTask(),
            _ when pauses => worker.Engine.Store.PauseQueueAsync(queue, "to see", "the operator", worker.Node.Context.Now,
                CancellationToken.None).AsTask(),
            _ => worker.Engine.Store.ResumeQueueAsync(queue, worker.Node.Context.Now, CancellationToken.None).AsTask(),
        };
    }

    private Task DoAsync(WorkerProcess worker, FlowPlan flow) => World.Random.Next(10) switch
    {
        < 3 => worker.Jobs.CancelAsync(flow.Id, "by hand"),
        < 6 => worker.Jobs.RetryAsync(flow.Id, force: World.Chance(0.3)),
        < 9 when flow.Steps is { Count: > 0 } steps =>
            worker.Jobs.RetryAsync(flow.Id.Step(World.Random.Next(steps.Count) + 1), force: World.Chance(0.3)),
        _ => worker.Jobs.DeleteAsync(flow.Id),
    };
}
