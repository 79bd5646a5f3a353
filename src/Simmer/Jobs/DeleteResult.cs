namespace Simmer;

/// <summary>What became of a deletion.</summary>
public enum DeleteResult
{
    /// <summary>The job is gone; a workflow: with all its steps.</summary>
    Deleted,

    /// <summary>The job is running, or steps of the workflow are; nothing was deleted. Cancel it first.</summary>
    StillRunning,

    /// <summary>No such job or workflow.</summary>
    NotFound,

    /// <summary>The job is a step, which the other steps of its workflow read: it stays. Delete the workflow.</summary>
    PartOfWorkflow,
}
