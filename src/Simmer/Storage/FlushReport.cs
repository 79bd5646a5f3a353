using System.Diagnostics.CodeAnalysis;

namespace Simmer.Storage;

/// <summary>The answer to a flush.</summary>
[Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
public sealed class FlushReport
{
    /// <summary>Whether the worker's row is gone, because it was declared dead. It then stops its handlers and registers anew.</summary>
    public bool WorkerGone { get; init; }

    /// <summary>The flush had been committed before: claims are not given again (ask <see cref="IJobStore.ClaimsOfAsync"/>).</summary>
    public bool WasRepeat { get; init; }

    /// <summary>The operations that were left out. The answers in their places mean nothing.</summary>
    public BlockedOperations Blocked { get; init; } = BlockedOperations.None;

    /// <summary>The settlements and give-backs that the database refused, each with the reason. The rest of the flush was carried
    /// out.</summary>
    public IReadOnlyList<Refusal> Refusals { get; init; } = [];

    /// <summary>The jobs that a claim met and could not take, because their rows cannot be read or the database refused the claim. They are
    /// left alone for a while; other jobs are not concerned.</summary>
    public IReadOnlyList<SetAsideJob> SetAside { get; init; } = [];

    /// <summary>An answer a settlement.</summary>
    public IReadOnlyList<SettleReport> Settlements { get; init; } = [];

    /// <summary>An answer a give-back: whether the lease still held.</summary>
    public IReadOnlyList<bool> GiveBacks { get; init; } = [];

    /// <summary>An answer an enqueue.</summary>
    public IReadOnlyList<EnqueueReport> Enqueues { get; init; } = [];

    /// <summary>An answer a workflow.</summary>
    public IReadOnlyList<WorkflowReport> Workflows { get; init; } = [];

    /// <summary>What followed in workflows from steps that ended.</summary>
    public ReleaseReport Released { get; init; } = ReleaseReport.Nothing;

    /// <summary>The claimed jobs, in the order in which they are to run.</summary>
    public IReadOnlyList<JobClaim> Claims { get; init; } = [];

    /// <summary>Jobs that had expired when their turn came, now cancelled.</summary>
    public IReadOnlyList<JobId> Expired { get; init; } = [];
}

/// <summary>The answer to a settlement.</summary>
/// <param name="Settled">Whether the lease held; if not, the settlement had no effect.</param>
/// <param name="State">The state the job is in now.</param>
[Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
public readonly record struct SettleReport(bool Settled, JobState State);

/// <summary>The answer to an enqueue.</summary>
/// <param name="Status">The answer.</param>
/// <param name="Id">The job: the stored one, or the one that was there already.</param>
/// <param name="State">The state of that job.</param>
/// <param name="Error">Why it was refused.</param>
[Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
public readonly record struct EnqueueReport(EnqueueStatus Status, JobId Id, JobState State, StoreException? Error = null)
{
    /// <summary>Whether it is a duplicate by its id, and the stored job has another payload. The stored one counts.</summary>
    public bool HasOtherPayload { get; init; }

    /// <summary>Whether it is a duplicate by its unique key, so that the id is that of another job than the one that was sent.</summary>
    internal bool IsByKey { get; init; }
}

/// <summary>The answer to an enqueue.</summary>
[Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
public enum EnqueueStatus : byte
{
    /// <summary>Stored; ready or scheduled.</summary>
    Stored,

    /// <summary>Stored as claimed by the worker that sent it (run 1): start it.</summary>
    Dispatched,

    /// <summary>Another job holds the unique key, or a job with this id was stored before.</summary>
    Duplicate,

    /// <summary>The store refused this one; the rest of the flush is not concerned.</summary>
    Refused,
}
