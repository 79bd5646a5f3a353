namespace Simmer;

/// <summary>When a step runs, once all its parents are final. A rule that says no makes it <see cref="JobState.Skipped"/>.</summary>
public enum StepRule
{
    /// <summary>All parents succeeded. The default.</summary>
    AllSucceeded = 0,

    /// <summary>At least one direct parent failed or was cancelled; one that was skipped because of a failure further up does not
    /// count.</summary>
    AnyFailed = 1,

    /// <summary>Always.</summary>
    AllDone = 2,

    /// <summary>No parent failed or was cancelled, and none was skipped because something before it failed; parents that a choice or a rule
    /// left out do not matter.</summary>
    NoneFailed = 3,
}
