namespace Simmer.Storage;

/// <summary>A job that this worker owns, with the token that proves it.</summary>
/// <param name="Job">The job.</param>
/// <param name="Run">The run's number: the fencing token.</param>
/// <param name="Forgiven">How many runs do not count as attempts.</param>
/// <param name="EnqueuedAt">When it was stored.</param>
/// <param name="Suspicion">How many workers died under it since it last ended by itself: its level as a suspect
/// (<see cref="SuspectRoom"/>); 0: it is none.</param>
/// <param name="CancelRequested">Whether a cancel was asked for already.</param>
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

    /// <summary>Whether a worker died under it.</summary>
    public bool Suspect => Suspicion > 0;

    /// <summary>The attempt, counted from 1.</summary>
    public int Attempt => Run - Forgiven;

    /// <summary>The worker of this process to whom the store gave it. A later registration of the same process does not have it.</summary>
    internal WorkerId Worker { get; set; }

    /// <summary>What settle, extend and give back must match.</summary>
    public LeaseToken Token => new(Job.Id, Run);
}

/// <summary>Proves that a worker owns a job: its id and the number of the run. The worker is named by the flush.</summary>
/// <param name="Id">The job.</param>
/// <param name="Run">The run, raised by one at every claim and never reset.</param>
public readonly record struct LeaseToken(JobId Id, int Run);
