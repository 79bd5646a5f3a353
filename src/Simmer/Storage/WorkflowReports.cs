using System.Diagnostics.CodeAnalysis;

namespace Simmer.Storage;

/// <summary>The answer to the enqueue of a workflow.</summary>
/// <param name="Status"><see cref="EnqueueStatus.Stored"/>, <see cref="EnqueueStatus.Duplicate"/> (the id was stored before) or
/// <see cref="EnqueueStatus.Refused"/>.</param>
/// <param name="Id">The workflow.</param>
/// <param name="State">Its state.</param>
/// <param name="Error">Why it was refused.</param>
[Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
public readonly record struct WorkflowReport(EnqueueStatus Status, WorkflowId Id, WorkflowState State, StoreException? Error = null);

/// <summary>What became of the cancel of a workflow.</summary>
/// <param name="Result"><see cref="CancelResult.Cancelled"/>: no step runs any more; <see cref="CancelResult.Requested"/>: running steps
/// were told to stop.</param>
/// <param name="Running">The runs that were told to stop, with their workers.</param>
/// <param name="Released">What followed in the workflow.</param>
[Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
public sealed record WorkflowCancelReport(CancelResult Result, IReadOnlyList<(WorkerId Owner, LeaseToken Token)> Running,
    ReleaseReport Released)
{
    /// <summary>Steps whose cancel the database refused, with the reason: nothing of them was changed, and the others were cancelled. Where
    /// every step is refused the call fails instead.</summary>
    public IReadOnlyList<(JobId Step, StoreException Error)> Refused { get; init; } = [];
}

/// <summary>Which steps to run again.</summary>
/// <param name="Workflow">The workflow.</param>
/// <param name="Step">The step; <see langword="null"/>: all that failed or were cancelled.</param>
/// <param name="Force">Also when undo steps have started; those stay as they are.</param>
[Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
public readonly record struct WorkflowRetryRequest(WorkflowId Workflow, JobId? Step, bool Force);
