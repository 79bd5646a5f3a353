using System.Diagnostics.CodeAnalysis;

namespace Simmer.Storage;

/// <summary>Everything that one worker wants done in one transaction, in this order: settle, give back, progress, enqueue, workflows,
/// claim. It has at most one operation for each job.</summary>
[Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
public sealed class Flush
{
    /// <summary>The worker that sends it.</summary>
    public required WorkerId Worker { get; init; }

    /// <summary>Its number, raised by one at every flush of this worker and the same when it is repeated.</summary>
    public required long Sequence { get; init; }

    /// <summary>Whether an earlier answer to this very flush was lost.</summary>
    public bool IsRepeat { get; init; }

    /// <summary>Whether its operations were blocked by another transaction before (<see cref="FlushReport.Blocked"/>). Then each is tried
    /// by itself, and may be left out again. Such a flush has neither claims nor dispatches. Its numbers are negative and fall, and it may
    /// be sent beside another flush of the same worker.</summary>
    public bool IsApart { get; init; }

    /// <summary>About how many bytes its payloads, results and texts take, from which the store tells how long it may take; 0: not
    /// counted.</summary>
    public long Bytes { get; init; }

    /// <summary>The attempts that have ended.</summary>
    public IReadOnlyList<Settlement> Settlements { get; init; } = [];

    /// <summary>The jobs that are given back because they were not started, or were interrupted by a shutdown. They become ready again, and
    /// the attempt is forgiven.</summary>
    public IReadOnlyList<LeaseToken> GiveBacks { get; init; } = [];

    /// <summary>The progress that running jobs report.</summary>
    public IReadOnlyList<ProgressNote> Progress { get; init; } = [];

    /// <summary>The jobs to be stored.</summary>
    public IReadOnlyList<EnqueueRequest> Enqueues { get; init; } = [];

    /// <summary>Workflows to be stored, each whole or not at all.</summary>
    public IReadOnlyList<WorkflowDraft> Workflows { get; init; } = [];

    /// <summary>The queues from which jobs may be claimed.</summary>
    public IReadOnlyList<ClaimRequest> Claims { get; init; } = [];

    /// <summary>The kinds this worker can run; others are left for a worker that knows them.</summary>
    public IReadOnlyCollection<string> Kinds { get; init; } = [];

    /// <summary>The suspects that may be claimed beside those that the worker has.</summary>
    public SuspectRoom Suspects { get; init; }
}

/// <summary>A job to be stored.</summary>
/// <param name="Job">The job.</param>
/// <param name="Dispatch">Whether a slot is free for it in this worker. Then it is stored as claimed by the worker, unless the queue is
/// paused or a ready job of the queue comes before it.</param>
/// <param name="Group">Requests of one call share a number above 0 and are stored all or none; 0: alone.</param>
[Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
public readonly record struct EnqueueRequest(JobDraft Job, bool Dispatch, int Group = 0);

/// <summary>How many jobs of a queue may be claimed.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="Count">How many at most.</param>
/// <param name="Suspects">How many of them may be suspects, if <see cref="Flush.Suspects"/> leaves room for them: no more than can start at
/// once.</param>
[Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
public readonly record struct ClaimRequest(string Queue, int Count, int Suspects = 0);

/// <summary>What a running job reports.</summary>
/// <param name="Token">The job's lease.</param>
/// <param name="Fraction">From 0 to 1; <see langword="null"/>: as it was.</param>
/// <param name="Text">What the handler says it is doing; <see langword="null"/>: as it was.</param>
/// <param name="Stuck">Whether the handler was told to stop and still runs.</param>
[Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
public readonly record struct ProgressNote(LeaseToken Token, double? Fraction, string? Text, bool Stuck);
