namespace Simmer;

/// <summary>The state of a workflow.</summary>
public enum WorkflowState
{
    /// <summary>Not known (any more): it was pruned, deleted, or never existed here.</summary>
    Unknown = 0,

    /// <summary>At least one of its steps is not final.</summary>
    Running = 1,

    /// <summary>All its steps succeeded or were skipped.</summary>
    Succeeded = 2,

    /// <summary>At least one of its steps failed.</summary>
    Failed = 3,

    /// <summary>No step failed, and at least one was cancelled.</summary>
    Cancelled = 4,
}
