using Simmer.Storage;
using Simmer.Storage.Decisions;

namespace Simmer.Postgres;

/// <summary>Makes jobs ready again that have ended.</summary>
internal static class RetryJobs
{
    // The row stays in the history where another job holds its key.
    private static readonly string s_reopen = $"""
        WITH old AS (SELECT * FROM simmer.history WHERE id = $1 AND state IN {JobStates.Retryable} AND step IS NULL
            ORDER BY finished_at DESC LIMIT 1),
        reopened AS (INSERT INTO simmer.job({JobColumns.Reopened}, state, ready_at)
            SELECT {JobColumns.ReopenedValues}, {JobStates.Ready}, $2 FROM old ON CONFLICT DO NOTHING RETURNING id, queue, rank, seq),
        gone AS (DELETE FROM simmer.history h USING reopened r WHERE h.id = ANY(ARRAY[r.id]))
        SELECT queue, rank, seq FROM reopened
        """;

    private const string KeyInHistorySql = """
        SELECT job.id FROM simmer.history AS old JOIN simmer.job AS job ON job.kind = old.kind AND job.unique_key = old.unique_key
            WHERE old.id = $1
        """;

    /// <summary>Makes some jobs ready again. One that the database refuses stays as it is, and its answer says why.</summary>
    /// <returns>An answer a job, in their order.</returns>
    public static async Task<IReadOnlyList<RetryResult>> EachAsync(Session session, IReadOnlyList<JobId> ids, DateTimeOffset now)
    {
        _ = await HeldJobs.LockWorkflowsOfAsync(session, [.. ids.Distinct()], skipLocked: false);
        var results = new RetryResult[ids.Count];
        var refusals = await session.TryEachAsync("retry", [.. Enumerable.Range(0, ids.Count)], async some =>
        {
            foreach (var i in some)
            {
                results[i] = await OneAsync(session, ids[i], now);
            }
        });
        foreach (var (place, refused) in refusals)
        {
            var id = ids[place];
            var state = (await JobLookup.OfAsync(session, id)).StateOf(id);
            results[place] =
                new RetryResult(RetryStatus.NotRetryable, state) { Error = StoreFaults.Refusal(refused, $"the retry of job {id}") };
        }

        return results;
    }

    private static async Task<RetryResult> OneAsync(Session session, JobId id, DateTimeOffset now)
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
            return await RetryWorkflows.RunAsync(session, new WorkflowRetryRequest(WorkflowId.OfStep(id), id, Force: false), now);
        }

        var state = rows.Ended(id);
        var decision = RetryDecision.For(state);
        return decision == RetryStatus.Retried ? await ReopenAsync(session, id, state, now) : new RetryResult(decision, state);
    }

    private static async Task<RetryResult> ReopenAsync(Session session, JobId id, JobState state, DateTimeOffset now)
    {
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
