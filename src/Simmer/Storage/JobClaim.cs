using System.Diagnostics.CodeAnalysis;

namespace Simmer.Storage;

/// <summary>A job that this worker owns, with the token that proves it.</summary>
/// <param name="Job">The job.</param>
/// <param name="Run">The run's number: the fencing token.</param>
/// <param name="Forgiven">How many runs do not count as attempts.</param>
/// <param name="EnqueuedAt">When it was stored.</param>
/// <param name="Suspicion">How many workers have died while they ran it, since it last ended by itself: its level as a suspect
/// (<see cref="SuspectRoom"/>). 0: it is no suspect.</param>
/// <param name="CancelRequested">Whether a cancel was requested already.</param>
[Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
public sealed record JobClaim(JobDraft Job, int Run, int Forgiven, DateTimeOffset EnqueuedAt, int Suspicion = 0,
    bool CancelRequested = false)
{
    private readonly long _enqueuedAt = EnqueuedAt.UtcTicks;

    /// <summary>When it was stored, in UTC.</summary>
    public DateTimeOffset EnqueuedAt
    {
        get => new(_enqueuedAt, TimeSpan.Zero);
        init => _enqueuedAt = value.UtcTicks;
    }

    /// <summary>Whether it is a suspect: a worker died while it ran the job.</summary>
    public bool Suspect => Suspicion > 0;

    /// <summary>The attempt, counted from 1.</summary>
    public int Attempt => Run - Forgiven;

    /// <summary>The registration of this process to which the store gave the job. A later registration of the same process does not own
    /// it.</summary>
    internal WorkerId Worker { get; set; }

    /// <summary>The lease under which it must be settled or given back.</summary>
    public LeaseToken Token => new(Job.Id, Run);
}

/// <summary>Proves that a worker owns a job: its id and the number of the run. The worker is named by the flush.</summary>
/// <param name="Id">The job.</param>
/// <param name="Run">The run, raised by one at every claim and never reset.</param>
[Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
public readonly record struct LeaseToken(JobId Id, int Run);
