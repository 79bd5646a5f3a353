using Simmer.Storage;
using Simmer.Storage.Decisions;

namespace Simmer.Sqlite;

/// <summary>The rows of steps that have not ended: how their parents stand, and what follows when those have ended.</summary>
internal static class StepRows
{
    // The columns that a claim reads come first. For a step that may start at once the whole row is needed, and SQLite fetches only the
    // columns that are read.
    private static readonly Sql s_step = new($"SELECT {JobColumns.Claimed}, state, pending, outcomes FROM simmer_job WHERE id = ?1");

    private static readonly Sql s_setTally = new("UPDATE simmer_job SET pending = ?2, outcomes = ?3 WHERE seq = ?1");

    private static readonly Sql s_release = new("""
        UPDATE simmer_job SET pending = ?2, outcomes = ?3, state = ?4, due_at = ?5, ready_at = ?6, version = version + 1 WHERE seq = ?1
        """);

    /// <summary>Looks for a step.</summary>
    /// <returns>The statement on its row, to be reset; null: it has ended, or there is none.</returns>
    public static Statement? Find(SqliteSession session, JobId id)
    {
        var statement = session[s_step].Bind(1, id);
        return statement.Step() ? statement : null;
    }

    /// <summary>Reads a step that is there as a claim does.</summary>
    public static ClaimRow Read(SqliteSession session, JobId id)
    {
        var statement = session[s_step].Bind(1, id);
        _ = statement.Step();
        var row = ClaimReader.Read(session, statement);
        statement.Reset();
        return row;
    }

    /// <summary>The numbers of its row and of its queue.</summary>
    public static (long Seq, long Queue) RowOf(Statement step) =>
        (step.Long(JobColumns.Seq.InClaim), step.Long(JobColumns.Queue.InClaim));

    public static JobState StateOf(Statement step) => JobStates.Of(step.Int(JobColumns.ClaimedCount));

    /// <summary>How its parents stand.</summary>
    public static StepTally TallyOf(Statement step) =>
        StepTally.Of(step.Int(JobColumns.ClaimedCount + 1), step.Long(JobColumns.ClaimedCount + 2));

    public static void SetTally(SqliteSession session, long seq, StepTally tally) =>
        session[s_setTally].Bind(1, seq).Bind(2, (long)tally.Pending).Bind(3, tally.Outcomes).Run();

    /// <summary>Releases a step: it is ready, or scheduled if it is due later.</summary>
    public static void Release(SqliteSession session, long seq, StepTally tally, DateTimeOffset? due, long queue, DateTimeOffset now)
    {
        _ = session[s_release]
            .Bind(1, seq)
            .Bind(2, (long)tally.Pending)
            .Bind(3, tally.Outcomes)
            .Bind(4, (long)FollowDecision.Released(due))
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

    /// <summary>Skips a step, and reports that to its children.</summary>
    public static void Skip(SqliteSession session, long seq, JobId id, StepDraft step, StepTally tally, DateTimeOffset now) =>
        RunEnd.Finish(session, seq, id, new Ending(JobState.Skipped, default) { Step = step, Tally = tally }, now);
}
