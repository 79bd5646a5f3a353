namespace Simmer.Storage;

/// <summary>A workflow about to be stored, whole or not at all. Immutable.</summary>
public sealed class WorkflowDraft
{
    /// <summary>The id.</summary>
    public required WorkflowId Id { get; init; }

    /// <summary>Whether the caller chose the id: then the store is asked for it first.</summary>
    public bool IdGiven { get; init; }

    /// <summary>A name for people.</summary>
    public string? Name { get; init; }

    /// <summary>The jobs of its steps, number 1 first; the id of each is <see cref="WorkflowId.Step"/> of its number, and each has a <see cref="JobDraft.Step"/>.</summary>
    public required IReadOnlyList<JobDraft> Steps { get; init; }

    /// <summary>Its gates.</summary>
    public IReadOnlyList<GateDraft> Gates { get; init; } = [];

    /// <summary>How many links lead to its end; 0: it has no steps, and has succeeded.</summary>
    public required int Pending { get; init; }

    /// <summary>How long it is kept, with all its steps, after it succeeded.</summary>
    public TimeSpan KeepSucceeded { get; init; }

    /// <summary>How long it is kept after it ended otherwise.</summary>
    public TimeSpan KeepFailed { get; init; }
}

/// <summary>What became of a workflow's enqueue.</summary>
/// <param name="Status"><see cref="EnqueueStatus.Stored"/>, <see cref="EnqueueStatus.Duplicate"/> (the id was stored before) or <see cref="EnqueueStatus.Refused"/>.</param>
/// <param name="Id">The workflow.</param>
/// <param name="State">Its state.</param>
/// <param name="Error">Why it was refused.</param>
public readonly record struct WorkflowReport(EnqueueStatus Status, WorkflowId Id, WorkflowState State, StoreException? Error = null);

/// <summary>What followed from steps that ended.</summary>
public sealed class ReleaseReport
{
    /// <summary>Nothing.</summary>
    public static readonly ReleaseReport Nothing = new();

    /// <summary>The queues that have ready jobs now because of it.</summary>
    public IReadOnlyCollection<string> Queues { get; init; } = [];

    /// <summary>The earliest due time among the steps released with a delay.</summary>
    public DateTimeOffset? NextDue { get; init; }

    /// <summary>The steps that were released or skipped.</summary>
    public IReadOnlyCollection<JobId> Steps { get; init; } = [];

    /// <summary>The workflows of which something changed.</summary>
    public IReadOnlyCollection<WorkflowId> Workflows { get; init; } = [];

    /// <summary>Two reports of one transaction as one.</summary>
    /// <param name="other">The other.</param>
    /// <returns>Both.</returns>
    public ReleaseReport With(ReleaseReport other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return ReferenceEquals(other, Nothing) ? this : ReferenceEquals(this, Nothing) ? other : new()
        {
            Queues = [.. Queues.Union(other.Queues)],
            NextDue = NextDue < other.NextDue ? NextDue : other.NextDue ?? NextDue,
            Steps = [.. Steps, .. other.Steps],
            Workflows = [.. Workflows.Union(other.Workflows)],
        };
    }
}

/// <summary>What became of the cancel of a workflow.</summary>
/// <param name="Result"><see cref="CancelResult.Cancelled"/>: no step runs any more; <see cref="CancelResult.Requested"/>: running steps were told to stop.</param>
/// <param name="Running">The runs that were told to stop, and whose they are.</param>
/// <param name="Released">What followed.</param>
public sealed record WorkflowCancelReport(CancelResult Result, IReadOnlyList<(WorkerId Owner, LeaseToken Token)> Running, ReleaseReport Released);

/// <summary>Which steps to run again.</summary>
/// <param name="Workflow">The workflow.</param>
/// <param name="Step">The step; <see langword="null"/>: all that failed or were cancelled.</param>
/// <param name="Force">Also when undo steps have started; those stay as they are.</param>
public readonly record struct WorkflowRetryRequest(WorkflowId Workflow, JobId? Step, bool Force);

/// <summary>What became of the deletion of a workflow.</summary>
public enum WorkflowDeleteResult
{
    /// <summary>It is gone with all its steps.</summary>
    Deleted,

    /// <summary>Steps of it run; nothing was deleted.</summary>
    StillRunning,

    /// <summary>No such workflow.</summary>
    NotFound,
}
