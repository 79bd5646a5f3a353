using Simmer.Storage;

namespace Simmer.Sqlite;

internal sealed partial class SqliteJobStore
{
    // Every run so far is forgiven, and the expiry does not count any more: somebody wants it to run now.
    private static readonly Sql s_reopen = new("""
        INSERT INTO simmer_job(id, queue, kind, state, priority, run, forgiven, max_attempts, version, errors, enqueued_at, ready_at,
            started_at,
          due_at, time_limit, unique_key, held_while, progress, progress_text, tags, trace_parent, trace_state, payload, step, pending,
              outcomes)
        SELECT id, queue, kind, ?3, priority, run, run, max_attempts, version + 1, errors, enqueued_at, ?2, started_at,
          NULL, time_limit, unique_key, held_while, progress, progress_text, tags, trace_parent, trace_state, payload, step, pending,
              outcomes
        FROM simmer_history WHERE id = ?1
        ON CONFLICT DO NOTHING
        """);

    private static readonly Sql s_isStep = new("SELECT step IS NOT NULL FROM simmer_history WHERE id = ?1");

    private static readonly Sql s_keyInHistory = new("""
        SELECT job.id FROM simmer_history AS old JOIN simmer_job AS job ON job.kind = old.kind AND job.unique_key = old.unique_key
            WHERE old.id = ?1
        """);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<RetryResult>> RetryAsync(IReadOnlyList<JobId> ids, DateTimeOffset now,
        CancellationToken cancellationToken) =>
        WriteEach<IReadOnlyList<RetryResult>>((session, careful) => StoreRules
            .Each(ids, id => careful ? RetryCarefully(session, id, now) : Retry(session, id, now)), cancellationToken, ids.Count);

    private static RetryResult RetryCarefully(SqliteSession session, JobId id, DateTimeOffset now)
    {
        RetryResult? result = null;
        return session.Try(("retry", id), () => result = Retry(session, id, now)) is { } refused
            ? new RetryResult(RetryStatus.NotRetryable,
                StateOf(session, id)) { Error = StoreFaults.Refusal(refused, $"the retry of job {id}") }
            : result!;
    }

    private static RetryResult Retry(SqliteSession session, JobId id, DateTimeOffset now)
    {
        if (session[s_isStep].Bind(1, id).Number() == 1)
        {
            return Retry(session, new WorkflowRetryRequest(WorkflowId.OfStep(id), id, Force: false), now);
        }

        if (FindHot(session, id) is { } hot)
        {
            return new RetryResult(RetryStatus.NotRetryable, hot.State);
        }

        var state = HistoryState(session, id);
        if (!state.CanRetry())
        {
            return new RetryResult(state == JobState.Unknown ? RetryStatus.NotFound : RetryStatus.NotRetryable, state);
        }

        if (session[s_reopen].Bind(1, id).Bind(2, DbTime.Of(now)).Bind(3, (long)JobState.Ready).Run() == 0)
        {
            return new RetryResult(RetryStatus.Conflict, state, KeyHolder(session, id));
        }

        _ = session[s_deleteHistory].Bind(1, id).Run();
        return new RetryResult(RetryStatus.Retried, JobState.Ready);
    }

    /// <summary>Takes a step out of the history: it waits, until it is known whether anything it waited for runs again.</summary>
    private static void Reopen(SqliteSession session, JobId id, DateTimeOffset now)
    {
        _ = session[s_reopen].Bind(1, id).BindNull(2).Bind(3, (long)JobState.Waiting).Run();
        _ = session[s_deleteHistory].Bind(1, id).Run();
    }

    private static JobId? KeyHolder(SqliteSession session, JobId id)
    {
        var statement = session[s_keyInHistory].Bind(1, id);
        if (!statement.Step())
        {
            return null;
        }

        var holder = statement.IdOrStandIn(0);
        statement.Reset();
        return holder;
    }
}
