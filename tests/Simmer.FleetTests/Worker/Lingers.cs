namespace Simmer.FleetTests.Worker;

/// <summary>Where a handler is when its process is frozen.</summary>
public enum Lingers
{
    /// <summary>It has not begun its transaction.</summary>
    BeforeTransaction,

    /// <summary>It has written its row, and has not completed the job.</summary>
    BeforeCompletion,

    /// <summary>It has completed the job, and has not committed.</summary>
    BeforeCommit,
}
