using Simmer.Storage;

namespace Simmer.Sqlite;

internal sealed partial class SqliteJobStore
{
    /// <summary>How long the flush rows of a worker that is gone answer for its repeats.</summary>
    private static readonly TimeSpan s_departedKept = TimeSpan.FromHours(1);

    private static readonly Sql s_overdue = new("SELECT id, errors FROM simmer_history WHERE keep_until <= ?1 ORDER BY keep_until LIMIT ?2");
    private static readonly Sql s_deleteHistory = new("DELETE FROM simmer_history WHERE id = ?1");
    private static readonly Sql s_expired = new("SELECT seq, id FROM simmer_job WHERE expires_at <= ?1 AND state IN (2, 3, 9) AND run = forgiven ORDER BY expires_at LIMIT ?2");
    private static readonly Sql s_pruneFlushes = new("DELETE FROM simmer_flush WHERE at < ?1 AND worker NOT IN (SELECT id FROM simmer_worker)");

    /// <inheritdoc/>
    public ValueTask<PruneReport> PruneAsync(int limit, DateTimeOffset now, CancellationToken cancellationToken) =>
        Write(session => Prune(session, limit, now), cancellationToken, weight: Math.Min(limit, 500));

    private static PruneReport Prune(SqliteSession session, int limit, DateTimeOffset now)
    {
        var expired = Expire(session, limit, now);
        var overdue = new List<(JobId Id, bool HasErrors)>();
        if (limit > expired.Count)
        {
            var statement = session[s_overdue].Bind(1, DbTime.Of(now)).Bind(2, limit - expired.Count);
            while (statement.Step())
            {
                overdue.Add((statement.Id(0), statement.Long(1) > 0));
            }
        }

        foreach (var (id, hasErrors) in overdue)
        {
            if (hasErrors)
            {
                _ = session[s_deleteErrors].Bind(1, id).Run();
            }

            _ = session[s_deleteHistory].Bind(1, id).Run();
        }

        _ = session[s_pruneFlushes].Bind(1, DbTime.Of(now - s_departedKept)).Run();
        return new PruneReport(overdue.Count, expired, overdue.Count + expired.Count >= limit);
    }

    private static List<JobId> Expire(SqliteSession session, int limit, DateTimeOffset now)
    {
        var rows = new List<(long Seq, JobId Id)>();
        var statement = session[s_expired].Bind(1, DbTime.Of(now)).Bind(2, limit);
        while (statement.Step())
        {
            rows.Add((statement.Long(0), statement.Id(1)));
        }

        foreach (var (seq, id) in rows)
        {
            Finish(session, seq, id, new Ending(JobState.Cancelled, StoreRules.KeptByDefault) { Reason = StoreRules.ExpiredReason }, now);
        }

        return rows.ConvertAll(static row => row.Id);
    }
}
