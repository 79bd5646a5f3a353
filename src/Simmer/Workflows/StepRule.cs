namespace Simmer;

/// <summary>When a step runs, once all its parents are final. A rule that says no makes it <see cref="JobState.Skipped"/>.</summary>
public enum StepRule
{
    /// <summary>All parents succeeded. The default.</summary>
    AllSucceeded = 0,

    /// <summary>At least one direct parent failed or was cancelled; one that was skipped because of a failure further up does not count.</summary>
    AnyFailed = 1,

    /// <summary>Always.</summary>
    AllDone = 2,

    /// <summary>No parent failed or was cancelled, and none was skipped because something before it failed; parents that a choice or a rule left out do not matter.</summary>
    NoneFailed = 3,
}

/// <summary>What a step is there for.</summary>
public enum StepRole
{
    /// <summary>An ordinary step.</summary>
    Step = 0,

    /// <summary>Undoes a step that had succeeded, if something in its workflow failed or was cancelled; once all ordinary steps are final, one after another, last first.</summary>
    Undo = 1,

    /// <summary>Runs once if something failed or was cancelled, after the undo steps.</summary>
    OnFailure = 2,

    /// <summary>Runs always, last.</summary>
    Finally = 3,
}
