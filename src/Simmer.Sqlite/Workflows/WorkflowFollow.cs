using Simmer.Storage;
using Simmer.Storage.Decisions;

namespace Simmer.Sqlite;

/// <summary>Tells the children of what has ended in a transaction: they are released or skipped, and so are their own. The write lock of
/// SQLite is the lock on every workflow.</summary>
internal static class WorkflowFollow
{
    private static readonly Sql s_ended = new("SELECT state, pending, outcomes, step, branch FROM simmer_history WHERE id = ?1");
    private static readonly Sql s_setEndedTally = new("UPDATE simmer_history SET pending = ?2, outcomes = ?3 WHERE id = ?1");

    /// <summary>Carries out all reports.</summary>
    /// <param name="session">The connection.</param>
    /// <param name="now">The present time.</param>
    /// <param name="starts">Takes those that may run, to be written by <see cref="HeldBackSteps"/>; null: they become ready at
    /// once.</param>
    public static void Follow(SqliteSession session, DateTimeOffset now, StepStarts? starts = null)
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
                        WorkflowEnds.Follow(session, workflow, change, now);
                        break;
                    case < 0:
                        WorkflowGates.Follow(session, workflow, number, change);
                        break;
                    default:
                        FollowStep(session, workflow.Step(number), change, now, starts);
                        break;
                }
            }
        }
        while (starts is null && WorkflowEnds.TellLost(session));
    }

    private static void FollowStep(SqliteSession session, JobId id, StepTally change, DateTimeOffset now, StepStarts? starts)
    {
        if (StepRows.Find(session, id) is not { } statement)
        {
            FollowEnded(session, id, change, now);
            return;
        }

        var (seq, queue) = StepRows.RowOf(statement);
        var (state, tally) = (StepRows.StateOf(statement), StepRows.TallyOf(statement) + change);
        if (!FollowDecision.IsDue(state, tally))
        {
            statement.Reset();
            StepRows.SetTally(session, seq, tally);
            return;
        }

        var step = StepDraft.ReadOrStandIn(id, statement.Blob(JobColumns.Step.InClaim));
        var move = FollowDecision.ForWaiting(state, tally, step);
        if (move == StepMove.Released && starts is not null && step.DueAfter(now) is null)
        {
            HeldBackSteps.Add(session, statement, tally, starts);
            statement.Reset();
            return;
        }

        statement.Reset();
        if (move == StepMove.Released)
        {
            session.Steps.Changed(id);
            StepRows.Release(session, seq, tally, step.DueAfter(now), queue, now);
            return;
        }

        StepRows.SetTally(session, seq, tally);
        if (move == StepMove.Skipped)
        {
            session.Steps.Changed(id);
            StepRows.Skip(session, seq, id, step, tally, now);
        }
    }

    /// <summary>A child that has ended keeps count as well. Its end counts only while all before it has ended; and should it run again, it
    /// must know how its parents stand by then.</summary>
    private static void FollowEnded(SqliteSession session, JobId id, StepTally change, DateTimeOffset now)
    {
        var statement = session[s_ended].Bind(1, id);
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
        if (FollowDecision.ForEnded(state, tally) == StepMove.Reopened)
        {
            JobHistory.Reopen(session, id);
            session.Steps.Changed(id);
            session.Steps.Ledger.Reopened(step.Workflow, step.Next, before.SkippedEnd);
        }
        else
        {
            session.Steps.Ledger.Heard(step.Workflow, step.Next, StepLedger.EndOf(state, tally), branch, before, tally);
        }
    }
}
