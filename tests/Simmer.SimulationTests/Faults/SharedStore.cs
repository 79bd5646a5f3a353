using Simmer.SimulationTests.Audit;
using Simmer.SimulationTests.Running;
using Simmer.Storage;
using Simmer.Storage.InMemory;

namespace Simmer.SimulationTests.Faults;

/// <summary>The one store of the fleet: the in-memory model, which outlives every process here, with a clock of its own.</summary>
internal sealed class SharedStore(World world, FaultPlan faults, Ledger ledger)
{
    private readonly Dictionary<SimulatedProcess, Action<IReadOnlyCollection<string>>> _listeners = [];

    public InMemoryJobStore Model { get; } = new();

    public World World => world;

    public FaultPlan Faults => faults;

    public Ledger Ledger => ledger;

    /// <summary>The database's clock, by which leases are judged.</summary>
    public DateTimeOffset Now => world.Outside.Time.GetUtcNow();

    public JobRecord? Find(JobId id) => Model.Browser.GetAsync([id], CancellationToken.None).Result[0];

    public IReadOnlyList<WorkerRecord> Workers() => Model.Browser.WorkersAsync(Now, CancellationToken.None).Result;

    public void Listen(SimulatedProcess process, Action<IReadOnlyCollection<string>> onHint) => _listeners[process] = onHint;

    public void StopListening(SimulatedProcess process) => _listeners.Remove(process);

    /// <summary>Sends hints to the other processes after a commit. Each arrives soon, late or never.</summary>
    /// <param name="from">Who committed it.</param>
    /// <param name="ready">The queues that have become ready, if nothing else has changed; otherwise none.</param>
    public void Hint(SimulatedProcess from, IReadOnlyCollection<string> ready)
    {
        foreach (var (process, onHint) in _listeners)
        {
            if (process != from && !process.IsDead && world.Chance(0.5))
            {
                world.After(world.Between(0.001, 0.05), () => process.Post(() => onHint(ready)));
            }
        }
    }
}
