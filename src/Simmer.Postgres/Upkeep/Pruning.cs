using Simmer.Storage;

namespace Simmer.Postgres;

/// <summary>Deletes jobs whose retention is over, row by row. Whole partitions are dropped by <see cref="PostgresPartitions"/>.</summary>
/// <param name="avoided">Rows that the database has refused to delete.</param>
/// <param name="expiry">Ends jobs that have expired.</param>
internal sealed class Pruning(AvoidedJobs avoided, Expiry expiry)
{
    /// <summary>How many rows of progress go at once.</summary>
    private const int NotesPruned = 50_000;

    /// <summary>How long the flush rows of a worker that is gone answer for its repeats.</summary>
    private static readonly TimeSpan s_departedKept = TimeSpan.FromHours(1);

    private const string ExpiredSql =
        $"SELECT id FROM simmer.job WHERE expires_at <= $1 AND state IN {JobStates.Expirable} AND run = forgiven AND id <> ALL($3) ORDER "
            + "BY "
            + "expires_at LIMIT $2";

    private const string OverdueSql = """
        WITH gone AS (DELETE
            FROM simmer.history h USING (SELECT id, keep_until FROM simmer.{0} WHERE keep_until <= $1 AND id <> ALL($3) ORDER BY keep_until
            LIMIT $2) o
          WHERE h.id = ANY(ARRAY[o.id]) AND h.keep_until = o.keep_until AND h.keep_until <= $1 RETURNING h.id, h.errors),
        errors AS (DELETE FROM simmer.error e USING gone WHERE gone.errors > 0 AND e.job = ANY(ARRAY[gone.id]))
        SELECT count(*) FROM gone
        """;

    private const string OverdueIdsSql = "SELECT id FROM simmer.{0} WHERE keep_until <= $1 AND id <> ALL($3) ORDER BY keep_until LIMIT $2";

    private const string OverdueSomeSql = """
        WITH gone AS (DELETE FROM simmer.history h WHERE h.id = ANY($2) AND h.keep_until <= $1 RETURNING h.id, h.errors),
        errors AS (DELETE FROM simmer.error e USING gone WHERE gone.errors > 0 AND e.job = ANY(ARRAY[gone.id]))
        SELECT count(*) FROM gone
        """;

    private const string OverdueWorkflowSql =
        "SELECT id, steps FROM simmer.workflow WHERE keep_until <= $1 AND id <> ALL($2) ORDER BY keep_until LIMIT 1 FOR UPDATE SKIP LOCKED";
    private const string PruneFlushesSql =
        "DELETE FROM simmer.flush f WHERE f.at < $1 AND NOT EXISTS(SELECT 1 FROM simmer.worker w WHERE w.id = f.worker)";

    private const string AnyOverdueSql = $"""
        SELECT coalesce((SELECT true FROM simmer.job WHERE expires_at <= $1 AND state IN {JobStates.Expirable} AND run = forgiven
            AND id <> ALL($3)
            LIMIT 1),
          (SELECT true FROM simmer.history WHERE keep_until <= $1 AND id <> ALL($3) LIMIT 1), (SELECT true FROM simmer.workflow
              WHERE keep_until <= $1 AND id <> ALL($3) LIMIT 1),
          (SELECT true FROM simmer.progress p WHERE NOT EXISTS(SELECT 1 FROM simmer.job j WHERE j.id = ANY(ARRAY[p.job]) AND j.run = p.run)
              LIMIT 1),
          (SELECT true FROM simmer.flush f WHERE f.at < $2 AND NOT EXISTS(SELECT 1 FROM simmer.worker w WHERE w.id = f.worker)
              LIMIT 1), false), (extract(epoch FROM clock_timestamp()) * 10000000)::bigint
        """;

    /// <summary>Whether there is anything to do; one statement, for the process that is idle.</summary>
    /// <returns>And the server's time.</returns>
    public async Task<(bool Any, DateTimeOffset ServerTime)> IsAnyOverdueAsync(Session session, DateTimeOffset now)
    {
        var (any, time) = (false, default(DateTimeOffset));
        await session.Batch().Add(AnyOverdueSql).Bind(DbTime.Of(now)).Bind(DbTime.Of(now - s_departedKept))
            .Bind(avoided.Present(now), SqlBatch.UuidArray)
            .Each(row => (any, time) = (row.GetBoolean(0), row.Time(1))).RunAsync();
        return (any, time);
    }

    /// <summary>Deletes what is kept no longer, and ends what has expired.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="small">The partitions of the history that are pruned row by row.</param>
    /// <param name="limit">How many rows at most.</param>
    /// <param name="now">The present time.</param>
    public async Task<PruneReport> RunAsync(Session session, List<string> small, int limit, DateTimeOffset now)
    {
        var overdue = new List<JobId>();
        await session.Batch().Add(ExpiredSql).Bind(DbTime.Of(now)).Bind(limit).Bind(avoided.Present(now), SqlBatch.UuidArray)
            .Each(row => overdue.Add(row.Id(0))).RunAsync();
        var expired = await expiry.EndAsync(session, overdue, now);
        await session.Steps.FollowAsync(session, now);
        var deleted = 0;
        foreach (var table in small)
        {
            if (limit > expired.Count + deleted)
            {
                deleted += await DropOverdueAsync(session, table, limit - expired.Count - deleted, now);
            }
        }

        deleted += await DropOverdueWorkflowsAsync(session, limit - expired.Count - deleted, now);
        _ = await session.TryAsync("flushes", () => session.Batch().Add(PruneFlushesSql).Bind(DbTime.Of(now - s_departedKept)).RunAsync());
        _ = await session.TryAsync("notes", () => session.Batch().Add(ProgressRows.PruneSql).Bind(NotesPruned).RunAsync());
        return new PruneReport(deleted, expired, deleted + expired.Count >= limit, session.Steps.Report(session.Ahead));
    }

    private async Task<int> DropOverdueAsync(Session session, string table, int limit, DateTimeOffset now)
    {
        var deleted = 0L;
        var sql = OverdueSql.Replace("{0}", table, StringComparison.Ordinal);
        if (await session.TryAsync($"prune {table}", () => session.Batch().Add(sql).Bind(DbTime.Of(now)).Bind(limit)
            .Bind(avoided.Present(now), SqlBatch.UuidArray).Each(row => deleted = row.GetInt64(0)).RunAsync()) is null)
        {
            return (int)deleted;
        }

        deleted = 0;
        var overdue = new List<JobId>();
        await session.Batch().Add(OverdueIdsSql.Replace("{0}", table, StringComparison.Ordinal)).Bind(DbTime.Of(now)).Bind(limit)
            .Bind(avoided.Present(now), SqlBatch.UuidArray).Each(row => overdue.Add(row.Id(0))).RunAsync();
        var refused = await session.TryEachAsync($"prune {table}", overdue, async some =>
        {
            var part = 0L;
            await session.Batch().Add(OverdueSomeSql).Bind(DbTime.Of(now)).BindIds(some, static id => id.Value)
                .Each(row => part = row.GetInt64(0)).RunAsync();
            deleted += part;
        });
        avoided.Avoid(refused, "pruned", now);
        return (int)deleted;
    }

    /// <summary>Each goes whole, with all its steps.</summary>
    private async Task<int> DropOverdueWorkflowsAsync(Session session, int limit, DateTimeOffset now)
    {
        var deleted = 0;
        while (deleted < limit)
        {
            WorkflowId? id = null;
            var steps = 0;
            await session.Batch().Add(OverdueWorkflowSql).Bind(DbTime.Of(now)).Bind(avoided.Present(now), SqlBatch.UuidArray)
                .Each(row => (id, steps) = (WorkflowId.OfStep(row.Id(0)), row.GetInt32(1))).RunAsync();
            if (id is not { } workflow)
            {
                break;
            }

            var refused = await session.TryAsync($"prune {workflow}", () =>
            {
                var batch = session.Batch();
                WorkflowRows.Drop(batch, workflow);
                return batch.RunAsync();
            });
            if (refused is null)
            {
                deleted += Math.Max(0, steps);
            }
            else
            {
                avoided.Avoid([(workflow.Step(0), refused)], "pruned", now);
            }
        }

        return deleted;
    }
}
