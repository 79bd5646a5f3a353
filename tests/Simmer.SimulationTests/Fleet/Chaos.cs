using Simmer.SimulationTests.Faults;
using Simmer.SimulationTests.Running;

namespace Simmer.SimulationTests.Fleet;

/// <summary>Causes the faults around the engine: processes die, freeze, stop and come back; clocks jump; the store is away.</summary>
internal sealed class Chaos(SharedStore store, WorkerFleet fleet, FleetOptions options)
{
    private const int Kinds = 8;

    private readonly int _favourite = store.World.Random.Next(Kinds);

    private World World => store.World;

    public async Task RunAsync(int deeds)
    {
        for (var i = 0; i < deeds; i++)
        {
            await World.Delay(World.Between(0.05, 8));
            if (fleet.Any() is { } worker)
            {
                await DoAsync(worker);
            }

            await fleet.GrowAsync(options.Workers);
        }
    }

    private async Task DoAsync(WorkerProcess worker)
    {
        // Each seed has one thing that goes wrong again and again.
        switch (World.Chance(0.4) ? _favourite : World.Random.Next(Kinds))
        {
            case 0 or 1:
                worker.Crash();
                await MaybeRestAsync();
                break;
            case 2 or 3:
                Freeze(worker, World.Between(0.2, 3 * options.Lease.TotalSeconds));
                break;
            case 4 or 5:
                var stopping = worker.StopAsync(World.Chance(0.5) ? World.Between(5, 60) : World.Between(0, 1));
                await (World.Chance(0.5) ? stopping : MaybeRestAsync());
                break;
            case 6:
                Jump(World.Chance(0.5) ? worker.Process : World.Outside);
                break;
            default:
                var away = World.Between(0.1, 25);
                World.Trace.Add($"the store is away for {away.TotalSeconds:0.0} s");
                store.Faults.GoAway(away);
                break;
        }
    }

    private Task MaybeRestAsync() => World.Chance(0.5) ? World.Delay(World.Between(0.1, 20)) : Task.CompletedTask;

    private void Freeze(WorkerProcess worker, TimeSpan time)
    {
        World.Trace.Add($"{worker.Process.Name} freezes for {time.TotalSeconds:0.0} s");
        worker.Process.Freeze();
        World.After(time, () =>
        {
            World.Trace.Add($"{worker.Process.Name} goes on");
            worker.Process.Thaw();
        });
    }

    // Jumps are mostly small: after one of an hour backwards, nothing that is timed by that clock would happen for an hour.
    private void Jump(SimulatedProcess process)
    {
        var jump = (World.Chance(0.5) ? 1 : -1) * (World.Chance(0.1) ? TimeSpan.FromHours(1) : World.Between(1, 60));
        World.Trace.Add($"the clock of {process.Name} jumps by {jump.TotalSeconds:0.0} s");
        process.Time.Offset += jump;
    }
}
