using Simmer.SimulationTests.Running;

namespace Simmer.SimulationTests.Fleet;

/// <summary>The settings of this seed's fleet, the same for every worker.</summary>
internal sealed class FleetOptions
{
    public static readonly string[] Queues = ["mail", "reports"];

    public const string InMemory = "notes";

    public const int Capacity = 6;

    /// <summary>The time limit of a job whose options name none.</summary>
    public static readonly TimeSpan KindTimeLimit = TimeSpan.FromMinutes(2);

    public FleetOptions(World world, bool tells)
    {
        Tells = tells;
        Workers = world.Random.Next(1, 4);
        Lease = world.Between(3, 15);
        Poll = world.Between(0.5, 5);
        EnqueueTimeout = world.Between(1, 10);
        Concurrency = world.Random.Next(1, 5);
        MaxPrefetch = world.Chance(0.7) ? 20 : 0;
        LocalDispatch = world.Chance(0.8);
        world.Trace
            .Add($"{Workers} workers, lease {Lease.TotalSeconds:0.0} s, {Concurrency} slots a queue, prefetch {MaxPrefetch}, local "
            + $"dispatch {LocalDispatch}");
    }

    public int Workers { get; }

    public TimeSpan Lease { get; }

    public TimeSpan Poll { get; }

    public TimeSpan EnqueueTimeout { get; }

    public int Concurrency { get; init; }

    public int MaxPrefetch { get; }

    public bool LocalDispatch { get; }

    /// <summary>Whether the engine's log goes into the trace.</summary>
    public bool Tells { get; }
}
