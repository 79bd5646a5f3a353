using Simmer.Storage;

namespace Simmer.Sqlite;

/// <summary>What has to be done from time to time: jobs become due, jobs expire, and what was kept long enough is deleted.</summary>
/// <param name="context">The store.</param>
/// <param name="aside">The rows that are left alone.</param>
/// <param name="due">Makes due jobs ready.</param>
internal sealed class SqliteUpkeep(SqliteContext context, SetAside aside, DueJobs due)
{
    /// <summary>How long the flush rows of a worker that is gone answer for its repeats.</summary>
    private static readonly TimeSpan s_departedKept = TimeSpan.FromHours(1);

    private static readonly Sql s_expired = new($"SELECT seq, id, step FROM simmer_job WHERE expires_at <= ?1 AND state IN "
        + $"{JobStates.Expirable} AND run = forgiven AND seq NOT IN (SELECT value FROM json_each(?3)) ORDER BY expires_at LIMIT ?2");

    private static readonly Sql s_pruneFlushes =
        new("DELETE FROM simmer_flush WHERE at < ?1 AND worker NOT IN (SELECT id FROM simmer_worker)");

    private readonly OverdueHistory _overdue = new(context.Database.Path, context.Logger);

    /// <inheritdoc cref="IJobStore.PromoteDueAsync"/>
    public ValueTask<PromoteReport> PromoteDueAsync(int limit, DateTimeOffset now, CancellationToken cancellationToken) =>
        context.WriteEach((session, careful) => due.Promote(session, limit, now, careful), cancellationToken, weight: Math.Min(limit, 500));

    /// <inheritdoc cref="IJobStore.PruneAsync"/>
    public ValueTask<PruneReport> PruneAsync(int limit, DateTimeOffset now, CancellationToken cancellationToken) =>
        context.WriteEach((session, careful) => Prune(session, limit, now, careful), cancellationToken, weight: Math.Min(limit, 500));

    private PruneReport Prune(SqliteSession session, int limit, DateTimeOffset now, bool careful)
    {
        var expired = Expire(session, limit, now, careful);
        var deleted = _overdue.Delete(session, limit - expired.Count, now, careful);
        _ = session[s_pruneFlushes].Bind(1, DbTime.Of(now - s_departedKept)).Run();
        WorkflowFollow.Follow(session, now);
        return new PruneReport(deleted, expired, deleted + expired.Count >= limit, session.Steps.Take());
    }

    private List<JobId> Expire(SqliteSession session, int limit, DateTimeOffset now, bool careful)
    {
        var rows = new List<(long Seq, JobId Id, StepDraft? Step)>();
        var statement = session[s_expired].Bind(1, DbTime.Of(now)).Bind(2, limit).Bind(3, aside.Avoided(now) ?? "[]");
        while (statement.Step())
        {
            var id = statement.IdOrStandIn(1);
            rows.Add((statement.Long(0), id, StoredStep.ReadOrStandIn(session, statement, id, 2)));
        }

        var refused = session.ForEach(rows, careful, row =>
        {
            RunEnd.Finish(session, row.Seq, row.Id,
                new Ending(JobState.Cancelled, DeclaredQueues.KeepCancelledFor(session, row.Seq, row.Step))
                {
                    Reason = StoreRules.ExpiredReason,
                    Step = row.Step,
                }, now);
            WorkflowFollow.Follow(session, now);
        });
        aside.Avoid(refused.Select(static r => (r.Item.Seq, r.Error)), "expired", now);
        return rows.Except(refused.Select(static r => r.Item)).Select(static row => row.Id).ToList();
    }
}
