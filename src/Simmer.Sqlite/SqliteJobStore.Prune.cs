using Simmer.Storage;

namespace Simmer.Sqlite;

internal sealed partial class SqliteJobStore
{
    /// <summary>How long the flush rows of a worker that is gone answer for its repeats.</summary>
    private static readonly TimeSpan s_departedKept = TimeSpan.FromHours(1);

    private static readonly Sql s_overdue = new("SELECT id, errors FROM simmer_history WHERE keep_until <= ?1 ORDER BY keep_until LIMIT ?2");
    private static readonly Sql s_deleteHistory = new("DELETE FROM simmer_history WHERE id = ?1");
    private static readonly Sql s_expired = new("SELECT seq, id, step FROM simmer_job WHERE expires_at <= ?1 AND state IN (2, 3, 9) AND run = forgiven ORDER BY expires_at LIMIT ?2");
    private static readonly Sql s_overdueWorkflow = new("SELECT id, steps FROM simmer_workflow WHERE keep_until <= ?1 ORDER BY keep_until LIMIT 1");
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

        var deleted = overdue.Count + DropOverdueWorkflows(session, limit - expired.Count - overdue.Count, now);
        _ = session[s_pruneFlushes].Bind(1, DbTime.Of(now - s_departedKept)).Run();
        Follow(session, now);
        return new PruneReport(deleted, expired, deleted + expired.Count >= limit, session.Steps.Take());
    }

    /// <summary>Each goes whole, with all its steps.</summary>
    private static int DropOverdueWorkflows(SqliteSession session, int limit, DateTimeOffset now)
    {
        var deleted = 0;
        while (deleted < limit)
        {
            var statement = session[s_overdueWorkflow].Bind(1, DbTime.Of(now));
            if (!statement.Step())
            {
                break;
            }

            var (id, steps) = (WorkflowId.OfStep(statement.Id(0)), statement.Int(1));
            statement.Reset();
            Drop(session, id);
            deleted += steps;
        }

        return deleted;
    }

    private static List<JobId> Expire(SqliteSession session, int limit, DateTimeOffset now)
    {
        var rows = new List<(long Seq, JobId Id, StepDraft? Step)>();
        var statement = session[s_expired].Bind(1, DbTime.Of(now)).Bind(2, limit);
        while (statement.Step())
        {
            rows.Add((statement.Long(0), statement.Id(1), StepOf(statement, statement.Id(1), 2)));
        }

        foreach (var (seq, id, step) in rows)
        {
            Finish(session, seq, id, new Ending(JobState.Cancelled, StoreRules.KeptByDefault) { Reason = StoreRules.ExpiredReason, Step = step }, now);
        }

        return rows.ConvertAll(static row => row.Id);
    }
}
