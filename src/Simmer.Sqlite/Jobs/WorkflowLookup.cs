namespace Simmer.Sqlite;

/// <summary>What is stored under the id of a workflow.</summary>
internal static class WorkflowLookup
{
    private static readonly Sql s_state = new("SELECT state FROM simmer_workflow WHERE id = ?1");

    /// <summary>The state of a workflow; null: there is none.</summary>
    public static WorkflowState? StateOf(SqliteSession session, WorkflowId workflow) =>
        (WorkflowState?)session[s_state].Bind(1, workflow).Number();

    /// <summary>The highest id that a step of a workflow can have. The ids of all of its steps lie between the workflow's own and this
    /// one.</summary>
    public static JobId LastStepOf(WorkflowId workflow) => workflow.Step(0xFF_FFFF);
}
