using Simmer.Storage;
using Simmer.Storage.Decisions;

namespace Simmer.Sqlite;

/// <summary>The only place that ends a run, and the only one that takes a job out of the table of jobs into the history.</summary>
internal static class RunEnd
{
    private static readonly Sql s_held = new("SELECT seq, errors, forgiven, cancel_requested, suspect, reason, step FROM simmer_job "
        + $"WHERE id = ?1 AND run = ?2 AND owner = ?3 AND state = {JobStates.Running}");

    // What nearly every job comes to where nothing is kept: the lease is checked and the row deleted in one statement.
    // To find the row by its number in place of its id costs the same.
    private static readonly Sql s_endUnkept = new("DELETE FROM simmer_job WHERE id = ?1 AND run = ?2 AND owner = ?3 AND state = "
        + $"{JobStates.Running} AND errors = 0 AND cancel_requested = 0 AND step IS NULL");

    private static readonly Sql s_goOn = new("""
        UPDATE simmer_job SET state = ?2, due_at = ?3, ready_at = ?4, forgiven = ?5, errors = ?6, started_at = coalesce(?7, started_at),
          progress = coalesce(?8, progress), progress_text = coalesce(?9, progress_text), suspect = ?10, owner = NULL, stuck = 0,
              version = version + 1
        WHERE seq = ?1
        """);

    // Whatever is wrong with the row stays as it is. A suspect stays one; one whose worker died under it gets its next level (?5). The
    // attempt of a job that ran is forgiven (?6), unless it is spent by that.
    private static readonly Sql s_putOff = new($"""
        UPDATE simmer_job SET state = {JobStates.Scheduled}, due_at = ?2, ready_at = NULL, owner = NULL, suspect = iif(?5 > 0, ?5, suspect),
            stuck = 0, version = version + 1, errors = ?3,
          forgiven = iif(typeof(forgiven) = 'integer' AND forgiven < 2147483647, forgiven + ?6, forgiven)
        WHERE seq = ?1 AND (state = ?4 OR (state IN {JobStates.Claimable} AND ?4 = {JobStates.Ready}))
        """);

    private static readonly Sql s_whyPutOff = new("""
        INSERT OR REPLACE INTO simmer_error(job, n, run, attempt, at, type, message) SELECT id, ?2, 0, 0, ?3, ?4, ?5 FROM simmer_job
            WHERE seq = ?1
        """);

    // The columns that only steps have are written by a statement of its own: in one for all jobs, jobs outside workflows would pay for
    // them.
    private static readonly string s_anyToHistory =
        $"INTO simmer_history({JobColumns.HistoryOfSteps}) SELECT {JobColumns.HistoryValuesOfSteps} FROM simmer_job";

    // REPLACE: an id that was not asked for in the history may be there.
    private static readonly Sql s_toHistory = new($"INSERT OR REPLACE {s_anyToHistory} WHERE seq = ?1");

    // The same for a lease that is yet to be proven: to look first would be a third statement (a kept job then cost a fifth more). IGNORE:
    // where a conflict cannot end the statement half-way SQLite keeps no journal for it, which is a fifth again.
    private static readonly Sql s_heldToHistory = new($"""
        INSERT OR IGNORE INTO simmer_history({JobColumns.History}) SELECT {JobColumns.HistoryValues} FROM simmer_job
        WHERE id = ?1 AND run = ?12 AND owner = ?13 AND state = {JobStates.Running} AND cancel_requested = 0 AND step IS NULL
        """);

    private static readonly Sql s_heldStepToHistory = new($"INSERT OR IGNORE {s_anyToHistory} WHERE id = ?1 AND run = ?12 AND owner = ?13 "
        + $"AND state = {JobStates.Running} AND cancel_requested = 0 AND pending = 0");

    private static readonly Sql s_deleteById = new("DELETE FROM simmer_job WHERE id = ?1");
    private static readonly Sql s_pending = new("SELECT pending FROM simmer_job WHERE seq = ?1");
    private static readonly Sql s_delete = new("DELETE FROM simmer_job WHERE seq = ?1");
    private static readonly Sql s_errorsOf = new("SELECT errors FROM simmer_job WHERE seq = ?1");
    private static readonly Sql s_forgetSignal = new("DELETE FROM simmer_signal WHERE owner = ?1 AND job = ?2 AND run = ?3");

    /// <summary>The running job that a lease proves; null: the lease is lost.</summary>
    public static HeldJob? Find(SqliteSession session, LeaseToken token, long owner)
    {
        var statement = session[s_held].Bind(1, token.Id).Bind(2, token.Run).Bind(3, owner);
        if (!statement.Step())
        {
            return null;
        }

        var held = new HeldJob(statement.Long(0), token, owner, statement.Long(1), statement.Int(2), statement.Bool(3), statement.Int(4),
            statement.TextOrNull(5), StoredStep.ReadOrStandIn(session, statement, token.Id, 6));
        statement.Reset();
        return held;
    }

    /// <summary>The short way for a settlement of which the row need not be read (<see cref="SettleDecision.NeedsRow"/>).</summary>
    /// <returns>False: the lease is lost, or something has to be noted besides; nothing was done.</returns>
    public static bool TryEnd(SqliteSession session, Settlement settlement, long owner, DateTimeOffset now)
    {
        if (!KeepDecision.IsKept(settlement.Step is not null, settlement.KeepFor))
        {
            return session[s_endUnkept].Bind(1, settlement.Token.Id).Bind(2, settlement.Token.Run).Bind(3, owner).Run() == 1;
        }

        var ending = new Ending(settlement.State, settlement.KeepFor)
        {
            Reason = settlement.Reason,
            StartedAt = settlement.StartedAt,
            Progress = settlement.Progress,
            Result = settlement.Result,
            Step = settlement.Step,
            Branch = settlement.State == JobState.Succeeded ? settlement.Branch : null,
        };
        var statement = ending.Step is null ? session[s_heldToHistory] : BindStep(session[s_heldStepToHistory], ending);
        _ = statement.Bind(1, settlement.Token.Id).Bind(12, settlement.Token.Run).Bind(13, owner);
        if (Bind(statement, ending, now).Run() == 0)
        {
            return false;
        }

        _ = session[s_deleteById].Bind(1, settlement.Token.Id).Run();
        ending.Tell(session);
        return true;
    }

    /// <summary>Ends a run as it was decided: the job ends, or is ready or scheduled again.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="held">The job.</param>
    /// <param name="outcome">What was decided.</param>
    /// <param name="error">The error that goes with the end.</param>
    /// <param name="now">The present time.</param>
    /// <param name="settlement">What the worker reported; null: it reported nothing.</param>
    /// <param name="added">The steps that the job has added.</param>
    public static void Write(SqliteSession session, in HeldJob held, in RunOutcome outcome, AttemptError? error, DateTimeOffset now,
        Settlement? settlement = null, in AddDecision added = default)
    {
        var id = held.Token.Id;
        var errors = held.Errors;
        if (outcome.AddsError && error is not null)
        {
            JobErrors.Add(session, id, ++errors, error);
        }

        if (held.CancelRequested)
        {
            _ = session[s_forgetSignal].Bind(1, held.Owner).Bind(2, id).Bind(3, held.Token.Run).Run();
        }

        if (!outcome.Ends)
        {
            GoOn(session, held.Seq, outcome, errors, now, settlement);
            return;
        }

        Finish(session, held.Seq, id, new Ending(outcome.State, outcome.KeepFor)
        {
            Reason = outcome.Reason,
            Forgiven = outcome.Forgiven,
            Errors = errors,
            StartedAt = settlement?.StartedAt ?? default,
            Progress = settlement?.Progress,
            Result = outcome.KeepsResult ? settlement?.Result : null,
            Step = settlement?.Step ?? held.Step,
            Branch = outcome.Branch,
            Added = added,
        }, now);
    }

    /// <summary>Takes a job out of the table of jobs, and into the history if it is kept.</summary>
    public static void Finish(SqliteSession session, long seq, JobId id, in Ending ending, DateTimeOffset now)
    {
        if (ending.IsKept)
        {
            _ = Bind(BindStep(session[s_toHistory].Bind(1, seq), ending), ending, now).Run();
        }
        else if (ending.Errors is null or > 0)
        {
            JobErrors.Delete(session, id);
        }

        // A step that is skipped has been decided: nothing before it is pending.
        var tells = ending is { Step: null } or { State: JobState.Skipped }
            || FollowDecision.Tells((int)(session[s_pending].Bind(1, seq).Number() ?? 0));
        _ = session[s_delete].Bind(1, seq).Run();
        if (tells)
        {
            ending.Tell(session);
        }
    }

    /// <summary>Deletes a job that is not running, and its errors with it.</summary>
    public static bool Delete(SqliteSession session, long seq, JobId id)
    {
        var deleted = session[s_delete].Bind(1, seq).Run() == 1;
        JobErrors.Delete(session, id);
        return deleted;
    }

    /// <summary>Puts off a job whose row cannot be read or claimed, visible to all with the reason. It is looked at again after 10 seconds,
    /// and after twice as long each time, up to half an hour.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="seq">Its row.</param>
    /// <param name="state">The state that it must be in: running, or ready.</param>
    /// <param name="reason">Why.</param>
    /// <param name="now">The present time.</param>
    /// <param name="level">Its level as a suspect, if its worker died under it; else it stays as it is.</param>
    /// <param name="spends">Whether that has cost it an attempt.</param>
    /// <returns>Until when.</returns>
    public static DateTimeOffset PutOff(SqliteSession session, long seq, JobState state, string reason, DateTimeOffset now, int level = 0,
        bool spends = false)
    {
        var errors = Math.Clamp(session[s_errorsOf].Bind(1, seq).Number() ?? 0, 0, 1_000_000_000) + 1;
        var until = StoreRules.KeepUntil(now, SetAsideDecision.RestAfter(errors));
        if (session[s_putOff].Bind(1, seq).Bind(2, DbTime.Of(until)).Bind(3, errors).Bind(4, (long)state).Bind(5, (long)level)
            .Bind(6, state == JobState.Running && !spends).Run() > 0)
        {
            _ = session[s_whyPutOff].Bind(1, seq).Bind(2, errors).Bind(3, DbTime.Of(now)).Bind(4, ErrorTypes.Unreadable)
                .Bind(5, reason).Run();
            session.Steps.Due(until);
        }

        return until;
    }

    private static void GoOn(SqliteSession session, long seq, in RunOutcome outcome, long errors, DateTimeOffset now,
        Settlement? settlement)
    {
        var at = DbTime.Of(now);
        var scheduled = outcome.State == JobState.Scheduled;
        _ = session[s_goOn]
            .Bind(1, seq)
            .Bind(2, JobStates.Stored(outcome.State, outcome.Suspicion))
            .Bind(3, scheduled ? DbTime.Of(settlement?.DueFrom(now)) ?? at : null)
            .Bind(4, scheduled ? null : at)
            .Bind(5, outcome.Forgiven)
            .Bind(6, errors)
            .Bind(7, Started(settlement?.StartedAt ?? default))
            .Bind(8, settlement?.Progress?.Fraction)
            .Bind(9, settlement?.Progress?.Text)
            .Bind(10, outcome.Suspicion)
            .Run();
    }

    private static Statement BindStep(Statement toHistory, in Ending ending) => toHistory
        .Bind(14, ending.Branch)
        .Bind(15, ending.Added.Count > 0 ? ending.Added.First : null)
        .Bind(16, ending.Added.Count > 0 ? ending.Added.Count : null);

    private static Statement Bind(Statement toHistory, in Ending ending, DateTimeOffset now)
    {
        _ = toHistory
            .Bind(2, (long)ending.State)
            .Bind(3, ending.Forgiven)
            .Bind(4, ending.Errors)
            .Bind(5, Started(ending.StartedAt))
            .Bind(6, DbTime.Of(now))
            .Bind(7, DbTime.Of(ending.KeepUntil(now)))
            .Bind(8, ending.Progress?.Fraction)
            .Bind(9, ending.Progress?.Text)
            .Bind(10, ending.Reason);
        return ending.Result is { } result ? toHistory.Bind(11, result.Span) : toHistory.BindNull(11);
    }

    private static long? Started(DateTimeOffset at) => at == default ? null : DbTime.Of(at);
}
