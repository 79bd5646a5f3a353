using Simmer.Storage;

namespace Simmer.Postgres;

internal sealed partial class PostgresJobStore
{
    // The row stays in the history where another job holds its key.
    private static readonly string s_reopen = $"""
        WITH old AS (SELECT * FROM simmer.history WHERE id = $1 AND state IN (6, 7) AND step IS NULL ORDER BY finished_at DESC LIMIT 1),
        reopened AS (INSERT INTO simmer.job({JobColumns.Reopened}, state, ready_at) SELECT {JobColumns.ReopenedValues}, 3, $2 FROM old ON CONFLICT
            DO NOTHING RETURNING id, queue, rank, seq),
        gone AS (DELETE FROM simmer.history h USING reopened r WHERE h.id = ANY(ARRAY[r.id]))
        SELECT queue, rank, seq FROM reopened
        """;

    private const string KeyInHistorySql = """
        SELECT job.id FROM simmer.history AS old JOIN simmer.job AS job ON job.kind = old.kind AND job.unique_key = old.unique_key
            WHERE old.id = $1
        """;

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<RetryResult>> RetryAsync(IReadOnlyList<JobId> ids, DateTimeOffset now,
        CancellationToken cancellationToken) =>
        Operate<IReadOnlyList<RetryResult>>(now, async (session, at) =>
        {
            _ = await LockWorkflowsOfAsync(session, [.. ids.Distinct()], skipLocked: false);
            var results = new RetryResult[ids.Count];
            foreach (var (place, refused) in await session.TryEachAsync("retry", [.. Enumerable.Range(0, ids.Count)], async some =>
            {
                foreach (var i in some)
                {
                    results[i] = await RetryAsync(session, ids[i], at);
                }
            }))
            {
                var rows = new JobLookup();
                var batch = session.Batch();
                rows.Ask(batch, [ids[place]]);
                await batch.RunAsync();
                results[place] = new RetryResult(RetryStatus.NotRetryable,
                    rows.StateOf(ids[place])) { Error = StoreFaults.Refusal(refused, $"the retry of job {ids[place]}") };
            }

            return results;
        }, cancellationToken, ids.Count);

    private static async Task<RetryResult> RetryAsync(Session session, JobId id, DateTimeOffset now)
    {
        var isStep = false;
        var rows = new JobLookup();
        var batch = session.Batch().Add(HeldJobs.StepsAmongSql).BindIds([id], static job => job.Value).Each(_ => isStep = true);
        rows.Ask(batch, [id]);
        await batch.RunAsync();
        if (rows.Hot(id) is { } hot)
        {
            return new RetryResult(RetryStatus.NotRetryable, hot.State);
        }

        if (isStep)
        {
            return await RetryAsync(session, new WorkflowRetryRequest(WorkflowId.OfStep(id), id, Force: false), now);
        }

        var state = rows.Ended(id);
        if (!state.CanRetry())
        {
            return new RetryResult(state == JobState.Unknown ? RetryStatus.NotFound : RetryStatus.NotRetryable, state);
        }

        var reopened = false;
        JobId? holder = null;
        await session.Batch()
            .Add(s_reopen).Bind(id).Bind(DbTime.Of(now)).Each(row =>
            {
                reopened = true;
                session.Steps.BackAtOldPlace(row.GetInt32(0), row.GetInt32(1), row.GetInt64(2), suspect: false);
            })
            .Add(KeyInHistorySql).Bind(id).Each(row => holder = row.Id(0))
            .RunAsync();
        return reopened ? new RetryResult(RetryStatus.Retried, JobState.Ready) : new RetryResult(RetryStatus.Conflict, state, holder);
    }
}
