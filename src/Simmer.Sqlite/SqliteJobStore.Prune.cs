using Simmer.Storage;

namespace Simmer.Sqlite;

internal sealed partial class SqliteJobStore
{
    /// <summary>What is known to refuse its deletion is left alone for a while, or as much of it as one look takes would hold up the
    /// rest.</summary>
    private const string Deletable = "(?3 IS NULL OR hex(id) NOT IN (SELECT value FROM json_each(?3)))";

    /// <summary>How long the flush rows of a worker that is gone answer for its repeats.</summary>
    private static readonly TimeSpan s_departedKept = TimeSpan.FromHours(1);

    private static readonly Sql s_overdue =
        new($"SELECT id, errors FROM simmer_history WHERE keep_until <= ?1 AND {Deletable} ORDER BY keep_until LIMIT ?2");
    private static readonly Sql s_deleteHistory = new("DELETE FROM simmer_history WHERE id = ?1");
    private static readonly Sql s_expired =
        new("SELECT seq, id, step FROM simmer_job WHERE expires_at <= ?1 AND state IN (2, 3, 9) AND run = forgiven AND seq NOT IN "
            + "(SELECT value FROM json_each(?3)) ORDER BY expires_at LIMIT ?2");
    private static readonly Sql s_overdueWorkflows =
        new($"SELECT id, steps FROM simmer_workflow WHERE keep_until <= ?1 AND {Deletable} ORDER BY keep_until LIMIT ?2");
    private static readonly Sql s_dropNameless =
        new("DELETE FROM simmer_history WHERE keep_until <= ?1 AND (typeof(id) <> 'blob' OR length(id) <> 16)");
    private static readonly Sql s_pruneFlushes =
        new("DELETE FROM simmer_flush WHERE at < ?1 AND worker NOT IN (SELECT id FROM simmer_worker)");

    /// <summary>Ids of ended jobs and of workflows whose deletion was refused.</summary>
    private readonly AvoidedRows<Guid> _undeletable = new();

    /// <inheritdoc/>
    public ValueTask<PruneReport> PruneAsync(int limit, DateTimeOffset now, CancellationToken cancellationToken) =>
        WriteEach((session, careful) => Prune(session, limit, now, careful), cancellationToken, weight: Math.Min(limit, 500));

    private PruneReport Prune(SqliteSession session, int limit, DateTimeOffset now, bool careful)
    {
        var expired = Expire(session, limit, now, careful);
        var overdue = new List<(JobId Id, bool HasErrors)>();
        if (limit > expired.Count)
        {
            overdue = Overdue(session, limit - expired.Count, now, out var hasNameless);
            if (hasNameless)
            {
                _ = session[s_dropNameless].Bind(1, DbTime.Of(now)).Run();
            }
        }

        var kept = ForEach(session, overdue, careful, job =>
        {
            if (job.HasErrors)
            {
                _ = session[s_deleteErrors].Bind(1, job.Id).Run();
            }

            _ = session[s_deleteHistory].Bind(1, job.Id).Run();
        });
        var refused = kept.ConvertAll(static k => (Id: k.Item.Id.Value, k.Error));
        var deleted = overdue.Count - kept.Count;
        deleted += DropOverdueWorkflows(session, limit - expired.Count - deleted, now, careful, refused);
        _ = session[s_pruneFlushes].Bind(1, DbTime.Of(now - s_departedKept)).Run();
        Follow(session, now);
        foreach (var (id, error) in refused)
        {
            Log.PruneRefused(_logger, error, new JobId(id), _database.Path, _undeletable.Avoid(id, now));
        }

        return new PruneReport(deleted, expired, deleted + expired.Count >= limit, session.Steps.Take());
    }

    private string? Undeletable(DateTimeOffset now) =>
        _undeletable.Present(now) is { Length: > 0 } ids
            ? $"[{string.Join(',', ids.Select(static id => $"\"{Convert.ToHexString(id.ToByteArray(bigEndian: true))}\""))}]"
            : null;

    private List<(JobId Id, bool HasErrors)> Overdue(SqliteSession session, int limit, DateTimeOffset now, out bool hasNameless)
    {
        var overdue = new List<(JobId Id, bool HasErrors)>();
        hasNameless = false;
        var statement = session[s_overdue].Bind(1, DbTime.Of(now)).Bind(2, limit).Bind(3, Undeletable(now));
        while (statement.Step())
        {
            overdue.Add((statement.IdOrStandIn(0), statement.Long(1) > 0));
            hasNameless |= statement.Blob(0).Length != 16;
        }

        return overdue;
    }

    /// <summary>Each goes whole, with all its steps.</summary>
    private int DropOverdueWorkflows(SqliteSession session, int limit, DateTimeOffset now, bool careful,
        List<(Guid Id, Exception Error)> refused)
    {
        var overdue = new List<(WorkflowId Id, int Steps)>();
        var statement = session[s_overdueWorkflows].Bind(1, DbTime.Of(now)).Bind(2, Math.Max(0, limit)).Bind(3, Undeletable(now));
        var steps = 0;
        while (steps < limit && statement.Step())
        {
            overdue.Add((WorkflowId.OfStep(statement.IdOrStandIn(0)), Math.Max(0, statement.Int(1))));
            steps += overdue[^1].Steps;
        }

        statement.Reset();
        var left = ForEach(session, overdue, careful, workflow => Drop(session, workflow.Id));
        refused.AddRange(left.Select(static l => (l.Item.Id.Value, l.Error)));
        return overdue.Except(left.Select(static l => l.Item)).Sum(static w => w.Steps);
    }

    private List<JobId> Expire(SqliteSession session, int limit, DateTimeOffset now, bool careful)
    {
        var rows = new List<(long Seq, JobId Id, StepDraft? Step)>();
        var statement = session[s_expired].Bind(1, DbTime.Of(now)).Bind(2, limit).Bind(3, Avoided(now) ?? "[]");
        while (statement.Step())
        {
            var id = statement.IdOrStandIn(1);
            rows.Add((statement.Long(0), id, StepOrStandIn(session, statement, id, 2)));
        }

        var refused = ForEach(session, rows, careful, row =>
        {
            Finish(session, row.Seq, row.Id,
                new Ending(JobState.Cancelled, StoreRules.KeptByDefault) { Reason = StoreRules.ExpiredReason, Step = row.Step }, now);
            Follow(session, now);
        });
        Avoid(refused.ConvertAll(static r => (r.Item.Seq, r.Error)), "expired", now);
        return rows.Except(refused.Select(static r => r.Item)).Select(static row => row.Id).ToList();
    }
}
