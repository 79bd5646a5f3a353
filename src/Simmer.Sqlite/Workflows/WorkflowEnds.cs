using Simmer.Storage;
using Simmer.Storage.Decisions;

namespace Simmer.Sqlite;

/// <summary>The ends of workflows. A step without children reports to the end of its workflow as to a child.</summary>
internal static class WorkflowEnds
{
    private static readonly Sql s_end =
        new("SELECT pending, outcomes, state, keep_succeeded, keep_failed FROM simmer_workflow WHERE id = ?1");

    private static readonly Sql s_setTally = new("UPDATE simmer_workflow SET pending = ?2, outcomes = ?3 WHERE id = ?1");

    private static readonly Sql s_setState = new("""
        UPDATE simmer_workflow SET pending = ?2, outcomes = ?3, state = ?4, finished_at = ?5, keep_until = ?6, version = version + 1
            WHERE id = ?1
        """);

    // All steps are final, so all of them are in the history.
    private static readonly Sql s_worst =
        new($"SELECT min(state) FROM simmer_history WHERE id > ?1 AND id <= ?2 AND state IN {JobStates.Retryable}");

    private static readonly Sql s_steps = new("""
        SELECT id, state, pending, outcomes, step FROM simmer_job WHERE id > ?1 AND id <= ?2 AND step IS NOT NULL
        UNION ALL
        SELECT id, state, pending, outcomes, step FROM simmer_history WHERE id > ?1 AND id <= ?2 AND step IS NOT NULL
        """);

    /// <summary>Adds to the tally of a workflow's end. The workflow ends when nothing is pending any more, and runs again when something
    /// is.</summary>
    public static void Follow(SqliteSession session, WorkflowId workflow, StepTally change, DateTimeOffset now)
    {
        var statement = session[s_end].Bind(1, workflow);
        if (!statement.Step())
        {
            return;
        }

        var tally = StepTally.Of(statement.Int(0), statement.Long(1)) + change;
        var turn = FollowDecision.ForEnd((WorkflowState)statement.Int(2) == WorkflowState.Running, tally);
        var (keepSucceeded, keepFailed) = (TimeSpan.FromTicks(statement.Long(3)), TimeSpan.FromTicks(statement.Long(4)));
        statement.Reset();
        if (turn == FollowTurn.Ended)
        {
            var worst = session[s_worst].Bind(1, workflow).Bind(2, WorkflowLookup.LastStepOf(workflow)).Number();
            var state = FollowDecision.EndOf((JobState)(worst ?? 0));
            SetState(session, workflow, tally, state, now,
                StoreRules.KeepUntil(now, FollowDecision.KeepFor(state, keepSucceeded, keepFailed)));
        }
        else if (turn == FollowTurn.Reopened)
        {
            SetState(session, workflow, tally, WorkflowState.Running, null, null);
        }
        else
        {
            _ = session[s_setTally].Bind(1, workflow).Bind(2, (long)tally.Pending).Bind(3, tally.Outcomes).Run();
        }
    }

    /// <summary>Reports to the steps that wait for links which cannot be read. Called when everything else is reported and written, and no
    /// steps are held back.</summary>
    /// <returns>Whether there was a workflow that had lost some.</returns>
    public static bool TellLost(SqliteSession session)
    {
        if (!session.Steps.Ledger.TryTakeLost(out var workflow))
        {
            return false;
        }

        var lost = new LostLinks();
        var steps = session[s_steps].Bind(1, workflow).Bind(2, WorkflowLookup.LastStepOf(workflow));
        while (steps.Step())
        {
            lost.Add(StepDraft.ReadOrStandIn(steps.IdOrStandIn(0), steps.Blob(4)), JobStates.Of(steps.Int(1)),
                StepTally.Of(steps.Int(2), steps.Long(3)));
        }

        WorkflowGates.AddTo(lost, session, workflow);
        lost.AddEnd((int)(session[s_end].Bind(1, workflow).Number() ?? 0));
        session.Steps.Ledger.Ended(workflow, lost.Find(out var end), end);
        return true;
    }

    private static void SetState(SqliteSession session, WorkflowId workflow, StepTally tally, WorkflowState state,
        DateTimeOffset? finishedAt, DateTimeOffset? keepUntil) =>
        session[s_setState]
            .Bind(1, workflow)
            .Bind(2, (long)tally.Pending)
            .Bind(3, tally.Outcomes)
            .Bind(4, (long)state)
            .Bind(5, DbTime.Of(finishedAt))
            .Bind(6, DbTime.Of(keepUntil))
            .Run();
}
