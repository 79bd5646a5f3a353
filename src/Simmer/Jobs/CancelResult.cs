namespace Simmer;

/// <summary>What became of a cancel.</summary>
public enum CancelResult
{
    /// <summary>The job was waiting and is cancelled. Of a workflow: so were all its unfinished ordinary steps.</summary>
    Cancelled,

    /// <summary>The job is running; its handler was told to stop. Of a workflow: at least one step is running.</summary>
    Requested,

    /// <summary>The job had finished already. Of a workflow: all its ordinary steps had; those that undo or come last may still
    /// run.</summary>
    AlreadyFinished,

    /// <summary>No such job or workflow.</summary>
    NotFound,
}
