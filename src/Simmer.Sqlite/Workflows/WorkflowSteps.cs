using Simmer.Storage;

namespace Simmer.Sqlite;

/// <summary>All steps of a workflow.</summary>
internal static class WorkflowSteps
{
    private static readonly Sql s_hot =
        new("SELECT seq, id, state, run, owner, step FROM simmer_job WHERE id > ?1 AND id <= ?2 AND step IS NOT NULL ORDER BY id");

    private static readonly Sql s_ended =
        new("SELECT id, state, pending, outcomes, step FROM simmer_history WHERE id > ?1 AND id <= ?2 AND step IS NOT NULL ORDER BY id");

    private static readonly Sql s_deleteHot = new("DELETE FROM simmer_job WHERE id > ?1 AND id <= ?2 AND step IS NOT NULL");
    private static readonly Sql s_deleteEnded = new("DELETE FROM simmer_history WHERE id > ?1 AND id <= ?2 AND step IS NOT NULL");
    private static readonly Sql s_deleteErrors = new("DELETE FROM simmer_error WHERE job > ?1 AND job <= ?2");
    private static readonly Sql s_deleteWorkflow = new("DELETE FROM simmer_workflow WHERE id = ?1");

    /// <summary>Those that have not ended.</summary>
    public static List<HotStep> Hot(SqliteSession session, WorkflowId id)
    {
        var steps = new List<HotStep>();
        var statement = session[s_hot].Bind(1, id).Bind(2, WorkflowLookup.LastStepOf(id));
        while (statement.Step())
        {
            var job = statement.IdOrStandIn(1);
            var step = StepDraft.ReadOrStandIn(job, statement.Blob(5));
            var row = new HotRow(statement.Long(0), JobStates.Of(statement.Int(2)), statement.Int(3), statement.LongOrNull(4) ?? 0, step,
                IsAlone: false);
            steps.Add(new HotStep(row, job, step));
        }

        return steps;
    }

    /// <summary>Those that have ended.</summary>
    public static List<EndedStep> Ended(SqliteSession session, WorkflowId id)
    {
        var steps = new List<EndedStep>();
        var statement = session[s_ended].Bind(1, id).Bind(2, WorkflowLookup.LastStepOf(id));
        while (statement.Step())
        {
            var job = statement.IdOrStandIn(0);
            steps.Add(new EndedStep((JobState)statement.Int(1), StepTally.Of(statement.Int(2), statement.Long(3)), job,
                StepDraft.ReadOrStandIn(job, statement.Blob(4))));
        }

        return steps;
    }

    /// <summary>Deletes a workflow with all of its steps.</summary>
    public static void Delete(SqliteSession session, WorkflowId id)
    {
        var last = WorkflowLookup.LastStepOf(id);
        _ = session[s_deleteHot].Bind(1, id).Bind(2, last).Run();
        _ = session[s_deleteEnded].Bind(1, id).Bind(2, last).Run();
        _ = session[s_deleteErrors].Bind(1, id).Bind(2, last).Run();
        WorkflowGates.Delete(session, id);
        _ = session[s_deleteWorkflow].Bind(1, id).Run();
    }
}
