using Simmer.Storage;

namespace Simmer.Sqlite;

internal sealed partial class SqliteJobStore
{
    private const string KeptColumns = """
        id, queue, kind, state, priority, run, forgiven, max_attempts, version, errors, enqueued_at, started_at,
          finished_at, keep_until, expires_at, time_limit, unique_key, held_while, progress, progress_text, reason, tags, trace_parent,
              trace_state, payload, result
        """;

    // The row is copied inside SQLite: payload, tags and trace never come up.
    private const string KeptValues = """
        id, queue, kind, ?2, priority, run, coalesce(?3, forgiven), max_attempts, version + 1, coalesce(?4, errors), enqueued_at,
            coalesce(?5, started_at),
          ?6, ?7, expires_at, time_limit, unique_key, held_while, coalesce(?8, progress), coalesce(?9, progress_text), ?10, tags,
              trace_parent, trace_state, payload, ?11
        """;

    // What only a step has stands in a statement of its own: in the one for all, jobs that stand alone would pay for it.
    private const string StepToHistory = $"""
        INTO simmer_history({KeptColumns}, step, pending, outcomes, branch, first_added, added)
        SELECT {KeptValues}, step, pending, outcomes, ?14, ?15, ?16 FROM simmer_job
        """;

    // REPLACE: an id that was not asked for in the history may be there.
    private static readonly Sql s_toHistory = new($"INSERT OR REPLACE {StepToHistory} WHERE seq = ?1");

    // The same for a lease that is yet to be proven: looking first would be a third statement (a kept job then cost a fifth more). IGNORE:
    // where a conflict cannot end the statement half-way SQLite keeps no journal for it, which is a fifth again.
    private static readonly Sql s_heldToHistory = new($"""
        INSERT OR IGNORE INTO simmer_history({KeptColumns}) SELECT {KeptValues} FROM simmer_job
        WHERE id = ?1 AND run = ?12 AND owner = ?13 AND state = 4 AND cancel_requested = 0 AND step IS NULL
        """);

    private static readonly Sql s_heldStepToHistory =
        new($"INSERT OR IGNORE {StepToHistory} WHERE id = ?1 AND run = ?12 AND owner = ?13 AND state = 4 AND cancel_requested = 0 AND "
            + "pending = 0");
    private static readonly Sql s_deleteById = new("DELETE FROM simmer_job WHERE id = ?1");

    private static readonly Sql s_pending = new("SELECT pending FROM simmer_job WHERE seq = ?1");
    private static readonly Sql s_deleteJob = new("DELETE FROM simmer_job WHERE seq = ?1");
    private static readonly Sql s_deleteErrors = new("DELETE FROM simmer_error WHERE job = ?1");
    private static readonly Sql s_addError =
        new("INSERT OR REPLACE INTO simmer_error(job, n, run, attempt, at, type, message, detail) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
    private static readonly Sql s_trimErrors = new("DELETE FROM simmer_error WHERE job = ?1 AND n <= ?2");
    private static readonly Sql s_forgetSignal = new("DELETE FROM simmer_signal WHERE owner = ?1 AND job = ?2 AND run = ?3");

    /// <summary>How a job ends.</summary>
    private readonly record struct Ending(JobState State, TimeSpan KeepFor)
    {
        public string? Reason { get; init; }

        public int? Forgiven { get; init; }

        public long? Errors { get; init; }

        public DateTimeOffset StartedAt { get; init; }

        public ProgressNote? Progress { get; init; }

        public ReadOnlyMemory<byte>? Result { get; init; }

        /// <summary>What makes the job a step: its children are told.</summary>
        public StepDraft? Step { get; init; }

        /// <summary>How its parents stand; only for a step that is skipped.</summary>
        public StepTally Tally { get; init; }

        public string? Branch { get; init; }

        public int FirstAdded { get; init; }

        public int Added { get; init; }

        /// <summary>A step is kept until its workflow goes: its children read it.</summary>
        public bool IsKept => Step is not null || KeepFor > TimeSpan.Zero;

        public DateTimeOffset KeepUntil(DateTimeOffset now) =>
            Step is not null ? DateTimeOffset.MaxValue : StoreRules.KeepUntil(now, KeepFor);

        public void Tell(SqliteSession session)
        {
            if (Step is not null)
            {
                session.Steps.Ledger.Ended(Step.Workflow, Step.Next, StepLedger.EndOf(State, Tally), Branch);
            }
        }
    }

    /// <summary>Takes a row out of the hot table, and into the history if it is kept.</summary>
    private static void Finish(SqliteSession session, long seq, JobId id, in Ending ending, DateTimeOffset now)
    {
        if (ending.IsKept)
        {
            _ = Bind(Bind(session[s_toHistory].Bind(1, seq), ending), ending, now).Run();
        }
        else if (ending.Errors is null or > 0)
        {
            _ = session[s_deleteErrors].Bind(1, id).Run();
        }

        // It tells only once all before it is final: it may be cancelled while it waits, and something before it may run again.
        var waits = ending is { Step: not null, State: not JobState.Skipped } && session[s_pending].Bind(1, seq).Number() > 0;
        _ = session[s_deleteJob].Bind(1, seq).Run();
        if (!waits)
        {
            ending.Tell(session);
        }
    }

    /// <summary>What nearly every kept job comes to: it ends under its lease, and nobody asked for its cancel.</summary>
    /// <returns>False: it is not so, the lease is lost, or the history has a job of this id; nothing was done.</returns>
    private static bool TryFinishHeld(SqliteSession session, LeaseToken token, long worker, in Ending ending, DateTimeOffset now)
    {
        var statement = ending.Step is null ? session[s_heldToHistory] : Bind(session[s_heldStepToHistory], ending);
        if (Bind(statement.Bind(1, token.Id).Bind(12, token.Run).Bind(13, worker), ending, now).Run() == 0)
        {
            return false;
        }

        _ = session[s_deleteById].Bind(1, token.Id).Run();
        ending.Tell(session);
        return true;
    }

    private static Statement Bind(Statement stepToHistory, in Ending ending) => stepToHistory
        .Bind(14, ending.Branch)
        .Bind(15, ending.Added > 0 ? ending.FirstAdded : null)
        .Bind(16, ending.Added > 0 ? ending.Added : null);

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

    /// <summary>Adds the error that is number <paramref name="n"/> of its job; the newest 20 stay.</summary>
    private static void AddError(SqliteSession session, JobId id, long n, AttemptError error)
    {
        _ = session[s_addError].Bind(1, id).Bind(2, n).Bind(3, error.Run).Bind(4, error.Attempt).Bind(5, DbTime.Of(error.At))
            .Bind(6, error.Type).Bind(7, error.Message).Bind(8, error.Detail).Run();
        if (n > StoreRules.ErrorsKept)
        {
            _ = session[s_trimErrors].Bind(1, id).Bind(2, n - StoreRules.ErrorsKept).Run();
        }
    }

    private static void ForgetSignal(SqliteSession session, long worker, LeaseToken token) =>
        session[s_forgetSignal].Bind(1, worker).Bind(2, token.Id).Bind(3, token.Run).Run();
}
