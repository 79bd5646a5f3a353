namespace Simmer;

/// <summary>What a step is there for.</summary>
public enum StepRole
{
    /// <summary>An ordinary step.</summary>
    Step = 0,

    /// <summary>Undoes a step that had succeeded, if something in its workflow failed or was cancelled; once all ordinary steps are final,
    /// one after another, last first.</summary>
    Undo = 1,

    /// <summary>Runs once if something failed or was cancelled, after the undo steps.</summary>
    OnFailure = 2,

    /// <summary>Runs always, last.</summary>
    Finally = 3,
}
