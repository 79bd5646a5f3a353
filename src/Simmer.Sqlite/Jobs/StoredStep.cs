using Simmer.Storage;

namespace Simmer.Sqlite;

/// <summary>Reads a job's place in a workflow from its row.</summary>
internal static class StoredStep
{
    /// <summary>The place; null: the job stands alone.</summary>
    /// <exception cref="FormatException">The place is damaged.</exception>
    public static StepDraft? Read(Statement statement, JobId id, int column) =>
        statement.IsNull(column) ? null : StepDraft.Read(id, statement.Blob(column));

    /// <summary>The same for a job that is taken back or given up: a damaged place gets a stand-in. Where there is no such workflow, the
    /// job stands alone.</summary>
    public static StepDraft? ReadOrStandIn(SqliteSession session, Statement statement, JobId id, int column)
    {
        var step = statement.IsNull(column) ? null : StepDraft.ReadOrStandIn(id, statement.Blob(column));
        return step is { IsDamaged: true } && WorkflowLookup.StateOf(session, step.Workflow) is null ? null : step;
    }
}
