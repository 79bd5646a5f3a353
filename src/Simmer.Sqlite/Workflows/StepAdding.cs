using Simmer.Storage;
using Simmer.Storage.Decisions;

namespace Simmer.Sqlite;

/// <summary>Adds steps to a workflow that is stored.</summary>
internal static class StepAdding
{
    private static readonly Sql s_taken = new("""
        SELECT id, kind FROM simmer_job WHERE id BETWEEN ?1 AND ?2 AND step IS NULL UNION ALL SELECT id, kind FROM simmer_history
            WHERE id BETWEEN ?1 AND ?2 AND step IS NULL LIMIT 1
        """);

    private static readonly Sql s_room = new("SELECT steps, cancel_requested FROM simmer_workflow WHERE id = ?1");
    private static readonly Sql s_add = new("UPDATE simmer_workflow SET steps = steps + ?2, version = version + 1 WHERE id = ?1");

    /// <summary>Adds the steps of a step that succeeds in this transaction. Called before its end is reported, so that nothing is released
    /// in between.</summary>
    public static AddDecision Add(SqliteSession session, Settlement settlement, StepDraft step, DateTimeOffset now)
    {
        var statement = session[s_room].Bind(1, step.Workflow);
        if (!statement.Step())
        {
            return default;
        }

        var added = settlement.Added!;
        var decision = AddDecision.For(statement.Int(0), added.Count, statement.Bool(1));
        statement.Reset();
        if (decision.Count == 0)
        {
            return decision;
        }

        if (TakenAmong(session, step.Workflow, decision.First, added.Count) is { } taken)
        {
            return AddDecision.Taken(taken.Id, taken.Kind);
        }

        _ = session[s_add].Bind(1, step.Workflow).Bind(2, (long)decision.Count).Run();
        var inherited = StepPlacement.Inherited(step, settlement.Branch);
        session.Steps.Ledger.Added(step.Workflow, inherited, decision.Count);
        foreach (var job in StepPlacement.Place(added, step, decision.First, inherited))
        {
            StepInsert.Insert(session, job, now);
        }

        return decision;
    }

    /// <summary>A job that is no step and has the id of one of some steps that are yet to be stored.</summary>
    public static (JobId Id, string Kind)? TakenAmong(SqliteSession session, WorkflowId workflow, int first, int count)
    {
        var statement = session[s_taken].Bind(1, workflow.Step(first)).Bind(2, workflow.Step(first + count - 1));
        if (count == 0 || !statement.Step())
        {
            return null;
        }

        var (id, kind) = (statement.Id(0), statement.Long(1));
        statement.Reset();
        return (id, session.Names.KindName(kind));
    }
}
