namespace Simmer.Postgres;

/// <summary>Where the rows of a workflow's steps are.</summary>
internal static class StoredSteps
{
    /// <summary>The last time there is, as SQL: the <c>keep_until</c> of steps, which stay until their workflow goes.</summary>
    public const string KeptForEver = "2534023007999999999";

    /// <summary>The highest id that a step of a workflow can have: with the workflow's own id below them, the bounds of all of its
    /// steps.</summary>
    public static JobId LastOf(WorkflowId workflow) => workflow.Step(0xFF_FFFF);
}
