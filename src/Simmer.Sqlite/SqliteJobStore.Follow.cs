using Simmer.Storage;

namespace Simmer.Sqlite;

internal sealed partial class SqliteJobStore
{
    // What a claim reads comes first: of a step that may start at once the whole row is wanted, and SQLite fetches only what is asked for.
    private static readonly Sql s_child = new($"SELECT {ClaimColumns}, state, pending, outcomes FROM simmer_job WHERE id = ?1");
    private static readonly Sql s_setTally = new("UPDATE simmer_job SET pending = ?2, outcomes = ?3 WHERE seq = ?1");

    private static readonly Sql s_release = new("""
        UPDATE simmer_job SET pending = ?2, outcomes = ?3, state = ?4, due_at = ?5, ready_at = ?6, version = version + 1 WHERE seq = ?1
        """);

    // Released and claimed: two changes.
    private static readonly Sql s_startStep = new("""
        UPDATE simmer_job SET pending = ?2, outcomes = ?3, state = 4, run = ?4, owner = ?5, started_at = ?6, version = version + 2
            WHERE seq = ?1
        """);

    private static readonly Sql s_bestReady = new("""
        SELECT priority, seq FROM (
          SELECT * FROM (SELECT priority, seq FROM simmer_job WHERE queue = ?1 AND state = 3 ORDER BY priority DESC, seq LIMIT 1)
          UNION ALL
          SELECT * FROM (SELECT priority, seq FROM simmer_job WHERE queue = ?1 AND state = 9 ORDER BY priority DESC, seq LIMIT 1))
        ORDER BY priority DESC, seq LIMIT 1
        """);

    private static readonly Sql s_endedChild = new("SELECT state, pending, outcomes, step, branch FROM simmer_history WHERE id = ?1");
    private static readonly Sql s_setEndedTally = new("UPDATE simmer_history SET pending = ?2, outcomes = ?3 WHERE id = ?1");
    private static readonly Sql s_gate = new("SELECT pending, outcomes, next FROM simmer_gate WHERE workflow = ?1 AND n = ?2");
    private static readonly Sql s_setGate = new("UPDATE simmer_gate SET pending = ?3, outcomes = ?4 WHERE workflow = ?1 AND n = ?2");
    private static readonly Sql s_end =
        new("SELECT pending, outcomes, state, keep_succeeded, keep_failed FROM simmer_workflow WHERE id = ?1");
    private static readonly Sql s_setEnd = new("UPDATE simmer_workflow SET pending = ?2, outcomes = ?3 WHERE id = ?1");

    private static readonly Sql s_finishWorkflow = new("""
        UPDATE simmer_workflow SET pending = ?2, outcomes = ?3, state = ?4, finished_at = ?5, keep_until = ?6, version = version + 1
            WHERE id = ?1
        """);

    // All steps are final, so all of them are in the history.
    private static readonly Sql s_worstEnd = new("SELECT min(state) FROM simmer_history WHERE id > ?1 AND id <= ?2 AND state IN (6, 7)");

    /// <summary>Tells the children of what has ended in this transaction: they are released or skipped, and so are their own. The write
    /// lock of SQLite is the lock on every workflow.</summary>
    /// <param name="session">The connection.</param>
    /// <param name="now">The present time.</param>
    /// <param name="starts">Takes those that may run, to be written by <see cref="Start"/>; null: they become ready at once.</param>
    private static void Follow(SqliteSession session, DateTimeOffset now, StepStarts? starts = null)
    {
        var steps = session.Steps;
        do
        {
            while (steps.Ledger.TryTake(out var workflow, out var number, out var change))
            {
                steps.Changed(workflow);
                switch (number)
                {
                    case 0:
                        FollowEnd(session, workflow, change, now);
                        break;
                    case < 0:
                        FollowGate(session, workflow, number, change);
                        break;
                    default:
                        FollowStep(session, workflow.Step(number), change, now, starts);
                        break;
                }
            }
        }
        while (starts is null && TellLost(session));
    }

    private static void FollowStep(SqliteSession session, JobId id, StepTally change, DateTimeOffset now, StepStarts? starts)
    {
        var statement = session[s_child].Bind(1, id);
        if (!statement.Step())
        {
            FollowEnded(session, id, change, now);
            return;
        }

        var seq = statement.Long(0);
        var tally = StepTally.Of(statement.Int(21), statement.Long(22)) + change;
        if (statement.Int(20) != (int)JobState.Waiting || tally.Pending > 0)
        {
            statement.Reset();
            _ = session[s_setTally].Bind(1, seq).Bind(2, (long)tally.Pending).Bind(3, tally.Outcomes).Run();
            return;
        }

        var queue = statement.Long(2);
        var step = StepDraft.ReadOrStandIn(id, statement.Blob(19));
        var runs = tally.Runs(step.Rule, step.Role);
        if (step.IsDamaged && !runs)
        {
            // It may be there for just this failure: it waits, with the reason, until an operator ends it. Else it is left to a claim,
            // which says why.
            statement.Reset();
            _ = session[s_setTally].Bind(1, seq).Bind(2, (long)tally.Pending).Bind(3, tally.Outcomes).Run();
            return;
        }

        if (runs && starts is not null && step.DueAfter(now) is null)
        {
            HoldBack(session, statement, tally, starts);
            statement.Reset();
            return;
        }

        statement.Reset();
        session.Steps.Changed(id);
        if (runs)
        {
            Release(session, seq, tally, step.DueAfter(now), queue, now);
        }
        else
        {
            _ = session[s_setTally].Bind(1, seq).Bind(2, (long)tally.Pending).Bind(3, tally.Outcomes).Run();
            Finish(session, seq, id, new Ending(JobState.Skipped, default) { Step = step, Tally = tally }, now);
        }
    }

    private static void HoldBack(SqliteSession session, Statement statement, StepTally tally, StepStarts starts)
    {
        var inQueue = starts[session.Names.QueueName(statement.Long(2))];
        inQueue.Add(new StepStart(statement.Id(1), session.Names.KindName(statement.Long(3)), statement.Int(6), statement.Long(0),
            Clamped(statement, 9))
        {
            Tally = tally,
            Row = inQueue.IsWorthReading ? ReadRow(session, statement) : null,
        });
    }

    /// <summary>Writes the steps that were held back: started by this worker where that is what its claim would come to, else
    /// ready.</summary>
    private static void Start(SqliteSession session, StepStarts starts, Flush flush, DateTimeOffset now)
    {
        foreach (var inQueue in starts.Queues)
        {
            var queue = session.Names.Queue(inQueue.Queue);
            if (session[s_paused].Bind(1, queue).Number() == 0)
            {
                inQueue.Decide(BestReady(session, queue), flush.Kinds, now);
            }

            foreach (var step in inQueue.Starts)
            {
                // One of a new workflow is written with the rest of it.
                if (step.Seq is { } seq)
                {
                    session.Steps.Changed(step.Id);
                    Write(session, step, seq, queue, flush.Worker.Value, now);
                }
            }
        }
    }

    private static void Write(SqliteSession session, StepStart step, long seq, long queue, long worker, DateTimeOffset now)
    {
        if (!step.IsStarted)
        {
            Release(session, seq, step.Tally, null, queue, now);
            return;
        }

        var row = step.Row ?? ReadChild(session, step.Id);
        if (row.Unreadable is not null)
        {
            // Left to a claim, which says why.
            Release(session, seq, step.Tally, null, queue, now);
            return;
        }

        _ = session[s_startStep].Bind(1, seq).Bind(2, (long)step.Tally.Pending).Bind(3, step.Tally.Outcomes).Bind(4, row.Run + 1L)
            .Bind(5, worker).Bind(6, DbTime.Of(now)).Run();
        step.Claim = new JobClaim(row.Draft, row.Run + 1, row.Forgiven, row.EnqueuedAt);
    }

    private static (int Priority, long Seq)? BestReady(SqliteSession session, long queue)
    {
        var statement = session[s_bestReady].Bind(1, queue);
        if (!statement.Step())
        {
            return null;
        }

        var best = (statement.Int(0), statement.Long(1));
        statement.Reset();
        return best;
    }

    private static ClaimRow ReadChild(SqliteSession session, JobId id)
    {
        var statement = session[s_child].Bind(1, id);
        _ = statement.Step();
        var row = ReadRow(session, statement);
        statement.Reset();
        return row;
    }

    private static void Release(SqliteSession session, long seq, StepTally tally, DateTimeOffset? due, long queue, DateTimeOffset now)
    {
        _ = session[s_release]
            .Bind(1, seq)
            .Bind(2, (long)tally.Pending)
            .Bind(3, tally.Outcomes)
            .Bind(4, (long)(due is null ? JobState.Ready : JobState.Scheduled))
            .Bind(5, DbTime.Of(due))
            .Bind(6, due is null ? DbTime.Of(now) : null)
            .Run();
        if (due is { } later)
        {
            session.Steps.Due(later);
        }
        else
        {
            session.Steps.Ready(session.Names.QueueName(queue));
        }
    }

    /// <summary>A child that is final already keeps count as well: its end counts only while all before it is final, and should it be run
    /// again, it must know how its parents stand by then.</summary>
    private static void FollowEnded(SqliteSession session, JobId id, StepTally change, DateTimeOffset now)
    {
        var statement = session[s_endedChild].Bind(1, id);
        if (!statement.Step())
        {
            return;
        }

        var state = (JobState)statement.Int(0);
        var before = StepTally.Of(statement.Int(1), statement.Long(2));
        var step = StepDraft.ReadOrStandIn(id, statement.Blob(3));
        var branch = statement.TextOrNull(4);
        statement.Reset();
        var tally = before + change;
        _ = session[s_setEndedTally].Bind(1, id).Bind(2, (long)tally.Pending).Bind(3, tally.Outcomes).Run();
        if (state == JobState.Skipped && tally.Pending > 0)
        {
            // Something it had waited for runs again: it waits as well, and so do those that were skipped after it.
            Reopen(session, id, now);
            session.Steps.Changed(id);
            session.Steps.Ledger.Reopened(step.Workflow, step.Next, before.SkippedEnd);
        }
        else
        {
            session.Steps.Ledger.Heard(step.Workflow, step.Next, StepLedger.EndOf(state, tally), branch, before, tally);
        }
    }

    private static void FollowGate(SqliteSession session, WorkflowId workflow, int number, StepTally change)
    {
        var statement = session[s_gate].Bind(1, workflow).Bind(2, (long)number);
        if (!statement.Step())
        {
            return;
        }

        var before = StepTally.Of(statement.Int(0), statement.Long(1));
        var tally = before + change;
        var next = before.Pending == 0 || tally.Pending == 0 ? GateDraft.ReadNextOrLost(statement.Blob(2)) : [];
        statement.Reset();
        _ = session[s_setGate].Bind(1, workflow).Bind(2, (long)number).Bind(3, (long)tally.Pending).Bind(4, tally.Outcomes).Run();
        if (before.Pending == 0 && tally.Pending > 0)
        {
            session.Steps.Ledger.Reopened(workflow, next, before.End);
        }
        else if (before.Pending > 0 && tally.Pending == 0)
        {
            session.Steps.Ledger.Ended(workflow, next, tally.End);
        }
    }

    private static void FollowEnd(SqliteSession session, WorkflowId workflow, StepTally change, DateTimeOffset now)
    {
        var statement = session[s_end].Bind(1, workflow);
        if (!statement.Step())
        {
            return;
        }

        var tally = StepTally.Of(statement.Int(0), statement.Long(1)) + change;
        var running = statement.Int(2) == (int)WorkflowState.Running;
        var (keepSucceeded, keepFailed) = (TimeSpan.FromTicks(statement.Long(3)), TimeSpan.FromTicks(statement.Long(4)));
        statement.Reset();
        if (tally.Pending == 0 && running)
        {
            var state = EndOf(session, workflow);
            SetEnd(session, workflow, tally, state, now,
                StoreRules.KeepUntil(now, state == WorkflowState.Succeeded ? keepSucceeded : keepFailed));
        }
        else if (tally.Pending > 0 && !running)
        {
            SetEnd(session, workflow, tally, WorkflowState.Running, null, null);
        }
        else
        {
            _ = session[s_setEnd].Bind(1, workflow).Bind(2, (long)tally.Pending).Bind(3, tally.Outcomes).Run();
        }
    }

    private static WorkflowState EndOf(SqliteSession session, WorkflowId workflow) =>
        session[s_worstEnd].Bind(1, workflow).Bind(2, LastOf(workflow)).Number() switch
    {
        (long)JobState.Failed => WorkflowState.Failed,
        (long)JobState.Cancelled => WorkflowState.Cancelled,
        _ => WorkflowState.Succeeded,
    };

    private static void SetEnd(SqliteSession session, WorkflowId workflow, StepTally tally, WorkflowState state, DateTimeOffset? finishedAt,
        DateTimeOffset? keepUntil) =>
        session[s_finishWorkflow]
            .Bind(1, workflow)
            .Bind(2, (long)tally.Pending)
            .Bind(3, tally.Outcomes)
            .Bind(4, (long)state)
            .Bind(5, DbTime.Of(finishedAt))
            .Bind(6, DbTime.Of(keepUntil))
            .Run();

    /// <summary>The highest id that a step of a workflow can have: with the workflow's own id below them, the bounds of all of its
    /// steps.</summary>
    private static JobId LastOf(WorkflowId workflow) => workflow.Step(0xFF_FFFF);
}
