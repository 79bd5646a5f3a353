namespace Simmer;

/// <summary>The part that a step has in its workflow.</summary>
public enum StepRole
{
    /// <summary>An ordinary step.</summary>
    Step = 0,

    /// <summary>Undoes a step that has succeeded, if something in its workflow failed or was cancelled. The undo steps run when all
    /// ordinary steps are final, one after another, the last first.</summary>
    Undo = 1,

    /// <summary>Runs once if something in its part of the workflow failed or was cancelled, after all undo steps.</summary>
    OnFailure = 2,

    /// <summary>Runs at the end, whatever happened.</summary>
    Finally = 3,
}
