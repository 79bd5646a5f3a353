using Simmer.SimulationTests.Faults;
using Simmer.SimulationTests.Running;

namespace Simmer.SimulationTests.Fleet;

/// <summary>The workers that share the store, and those that are started in place of dead ones.</summary>
internal sealed class WorkerFleet(SharedStore store, FleetOptions options)
{
    private readonly List<WorkerProcess> _all = [];
    private int _born;

    private World World => store.World;

    public IEnumerable<WorkerProcess> Up => _all.Where(static w => w is { IsUp: true, IsStopping: false });

    /// <summary>Every process that has not ended, also one that is leaving.</summary>
    public IEnumerable<WorkerProcess> Alive => _all.Where(static w => !w.Process.IsDead);

    public async Task GrowAsync(int count)
    {
        while (Up.Count() < count)
        {
            var worker = new WorkerProcess(store, options, $"w{++_born}");
            _all.Add(worker);
            if (!await worker.TryStartAsync())
            {
                await World.Delay(World.Between(0.1, 2));
            }
        }
    }

    /// <summary>One of the running workers; null if none runs.</summary>
    public WorkerProcess? Any()
    {
        var up = Up.ToList();
        return up.Count == 0 ? null : up[World.Random.Next(up.Count)];
    }
}
