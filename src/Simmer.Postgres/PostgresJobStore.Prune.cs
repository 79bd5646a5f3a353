using Simmer.Storage;

namespace Simmer.Postgres;

internal sealed partial class PostgresJobStore
{
    /// <summary>How long the flush rows of a worker that is gone answer for its repeats.</summary>
    private static readonly TimeSpan s_departedKept = TimeSpan.FromHours(1);

    /// <summary>How many rows of progress go at once.</summary>
    private const int NotesPruned = 50_000;

    private const string ExpiredSql =
        "SELECT id FROM simmer.job WHERE expires_at <= $1 AND state IN (2, 3, 9) AND run = forgiven AND id <> ALL($3) ORDER BY "
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

    // One statement, for the process that is idle.
    private const string AnyOverdueSql = """
        SELECT coalesce((SELECT true FROM simmer.job WHERE expires_at <= $1 AND state IN (2, 3, 9) AND run = forgiven AND id <> ALL($3)
            LIMIT 1),
          (SELECT true FROM simmer.history WHERE keep_until <= $1 AND id <> ALL($3) LIMIT 1), (SELECT true FROM simmer.workflow
              WHERE keep_until <= $1 AND id <> ALL($3) LIMIT 1),
          (SELECT true FROM simmer.progress p WHERE NOT EXISTS(SELECT 1 FROM simmer.job j WHERE j.id = ANY(ARRAY[p.job]) AND j.run = p.run)
              LIMIT 1),
          (SELECT true FROM simmer.flush f WHERE f.at < $2 AND NOT EXISTS(SELECT 1 FROM simmer.worker w WHERE w.id = f.worker)
              LIMIT 1), false), (extract(epoch FROM clock_timestamp()) * 10000000)::bigint
        """;

    /// <inheritdoc/>
    public async ValueTask<PruneReport> PruneAsync(int limit, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (!await IsAnyOverdueAsync(now, cancellationToken))
        {
            return new PruneReport(0, [], false, ReleaseReport.Nothing);
        }

        var (dropped, small) = await _partitions.KeepAsync(now, cancellationToken);
        var report = await Write(now, (session, at) => PruneAsync(session, small, limit, at), cancellationToken, Math.Min(limit, 10_000),
            fresh: true);
        return report with { Deleted = (int)Math.Min(int.MaxValue, report.Deleted + dropped) };
    }

    private ValueTask<bool> IsAnyOverdueAsync(DateTimeOffset now, CancellationToken cancellationToken) => _side.RunAsync(async connection =>
    {
        var any = false;
        var at = await TimeAsync(connection, now);
        await SessionOn(connection, weight: 30_000).Batch().Add(AnyOverdueSql).Bind(DbTime.Of(at)).Bind(DbTime.Of(at - s_departedKept))
            .Bind(_avoided.Present(at), UuidArray)
            .Each(row => any = row.GetBoolean(0)
                || _partitions.HaveWork(DateOnly.FromDateTime(row.Time(1).UtcDateTime))).RunAsync();
        return any;
    }, cancellationToken);

    private async Task<PruneReport> PruneAsync(Session session, List<string> small, int limit, DateTimeOffset now)
    {
        var overdue = new List<JobId>();
        await session.Batch().Add(ExpiredSql).Bind(DbTime.Of(now)).Bind(limit).Bind(_avoided.Present(now), UuidArray)
            .Each(row => overdue.Add(row.Id(0))).RunAsync();
        var expired = await ExpireAsync(session, overdue, now);
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
            .Bind(_avoided.Present(now), UuidArray).Each(row => deleted = row.GetInt64(0)).RunAsync()) is null)
        {
            return (int)deleted;
        }

        deleted = 0;
        var overdue = new List<JobId>();
        await session.Batch().Add(OverdueIdsSql.Replace("{0}", table, StringComparison.Ordinal)).Bind(DbTime.Of(now)).Bind(limit)
            .Bind(_avoided.Present(now), UuidArray).Each(row => overdue.Add(row.Id(0))).RunAsync();
        var refused = await session.TryEachAsync($"prune {table}", overdue, async some =>
        {
            var part = 0L;
            await session.Batch().Add(OverdueSomeSql).Bind(DbTime.Of(now)).BindIds(some, static id => id.Value)
                .Each(row => part = row.GetInt64(0)).RunAsync();
            deleted += part;
        });
        _avoided.Avoid(refused, "pruned", now);
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
            await session.Batch().Add(OverdueWorkflowSql).Bind(DbTime.Of(now)).Bind(_avoided.Present(now), UuidArray)
                .Each(row => (id, steps) = (WorkflowId.OfStep(row.Id(0)), row.GetInt32(1))).RunAsync();
            if (id is not { } workflow)
            {
                break;
            }

            var refused = await session.TryAsync($"prune {workflow}", () =>
            {
                var batch = session.Batch();
                Drop(batch, workflow);
                return batch.RunAsync();
            });
            if (refused is null)
            {
                deleted += Math.Max(0, steps);
            }
            else
            {
                _avoided.Avoid([(workflow.Step(0), refused)], "pruned", now);
            }
        }

        return deleted;
    }
}
