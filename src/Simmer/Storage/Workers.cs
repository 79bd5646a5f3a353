using System.Diagnostics.CodeAnalysis;

namespace Simmer.Storage;

/// <summary>A registered worker's number.</summary>
/// <param name="Value">The number; 0: none.</param>
[Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
public readonly record struct WorkerId(long Value);

/// <summary>What a worker is and offers.</summary>
/// <param name="Name">Its name, for people: by default the machine's name and the process id.</param>
/// <param name="Queues">The queues it works on.</param>
/// <param name="Capabilities">What it offers to queues that require something.</param>
[Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
public sealed record WorkerInfo(string Name, IReadOnlyList<string> Queues, IReadOnlyList<string> Capabilities)
{
    /// <summary>How long after its last beat it counts as dead. Every process judges it by this. <see langword="null"/>: not given, as by
    /// versions before 0.2.</summary>
    public TimeSpan? Lease { get; init; }

    /// <summary>How many jobs it runs at once, in all its queues. <see langword="null"/>: not given; such a worker runs one suspect at a
    /// time.</summary>
    public int? Slots { get; init; }
}

/// <summary>A worker's beat.</summary>
/// <param name="Worker">Who beats.</param>
/// <param name="IdleQueues">Queues for which it has free slots and nothing to do.</param>
[Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
public sealed record BeatRequest(WorkerId Worker, IReadOnlyList<string> IdleQueues);

/// <summary>The answer to a beat.</summary>
[Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
public sealed class BeatReport
{
    /// <summary>Whether the worker is still registered.</summary>
    public required bool Alive { get; init; }

    /// <summary>Running jobs of this worker whose cancel was asked for; given again until they are settled.</summary>
    public IReadOnlyList<LeaseToken> Cancels { get; init; } = [];

    /// <summary>Queues that hold ready jobs and are not paused.</summary>
    public IReadOnlyList<string> ReadyQueues { get; init; } = [];

    /// <summary>Queues for which another living worker said that it is idle.</summary>
    public IReadOnlyList<string> IdleElsewhere { get; init; } = [];

    /// <summary>The other registered workers, and how they beat.</summary>
    public IReadOnlyList<OtherWorker> Others { get; init; } = [];

    /// <summary>When the next scheduled job is due, by the caller's clock.</summary>
    public DateTimeOffset? NextDue { get; init; }

    /// <summary>The store's time, if it has a clock of its own by which all of a job's times go.</summary>
    public DateTimeOffset? Time { get; init; }
}

/// <summary>Another worker, as a beat sees it.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Beats">Its beat counter, which rises by one a beat.</param>
/// <param name="BeatAge">How old its last beat is by the store's clock.</param>
/// <param name="Lease">Its lease (<see cref="WorkerInfo.Lease"/>).</param>
[Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
public readonly record struct OtherWorker(WorkerId Id, long Beats, TimeSpan BeatAge, TimeSpan? Lease = null);
