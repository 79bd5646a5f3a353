using Microsoft.Extensions.Logging;
using Simmer.Storage;

namespace Simmer.Sqlite;

/// <summary>Deletes ended jobs and workflows that were kept long enough.</summary>
/// <param name="path">Where the database is.</param>
/// <param name="logger">Takes what is worth saying.</param>
internal sealed class OverdueHistory(string path, ILogger logger)
{
    /// <summary>What is known to refuse its deletion is left alone for a while, or as much of it as one look takes would hold up the
    /// rest.</summary>
    private const string Deletable = "(?3 IS NULL OR hex(id) NOT IN (SELECT value FROM json_each(?3)))";

    private static readonly Sql s_jobs =
        new($"SELECT id, errors FROM simmer_history WHERE keep_until <= ?1 AND {Deletable} ORDER BY keep_until LIMIT ?2");

    private static readonly Sql s_workflows =
        new($"SELECT id, steps FROM simmer_workflow WHERE keep_until <= ?1 AND {Deletable} ORDER BY keep_until LIMIT ?2");

    private static readonly Sql s_dropNameless =
        new("DELETE FROM simmer_history WHERE keep_until <= ?1 AND (typeof(id) <> 'blob' OR length(id) <> 16)");

    /// <summary>Ids of ended jobs and of workflows whose deletion was refused.</summary>
    private readonly AvoidedRows<Guid> _undeletable = new();

    /// <summary>Deletes them.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="limit">How many jobs and steps at most; the last workflow may go beyond it.</param>
    /// <param name="now">The present time.</param>
    /// <param name="careful">Whether each job and workflow is deleted behind a savepoint of its own.</param>
    /// <returns>How many jobs and steps were deleted.</returns>
    public int Delete(SqliteSession session, int limit, DateTimeOffset now, bool careful)
    {
        var refused = new List<(Guid Id, Exception Error)>();
        var deleted = limit > 0 ? DeleteJobs(session, limit, now, careful, refused) : 0;
        deleted += DeleteWorkflows(session, limit - deleted, now, careful, refused);
        foreach (var (id, error) in refused)
        {
            Log.PruneRefused(logger, error, new JobId(id), path, _undeletable.Avoid(id, now));
        }

        return deleted;
    }

    private int DeleteJobs(SqliteSession session, int limit, DateTimeOffset now, bool careful, List<(Guid Id, Exception Error)> refused)
    {
        var overdue = new List<(JobId Id, bool HasErrors)>();
        var hasNameless = false;
        var statement = session[s_jobs].Bind(1, DbTime.Of(now)).Bind(2, limit).Bind(3, Undeletable(now));
        while (statement.Step())
        {
            overdue.Add((statement.IdOrStandIn(0), statement.Long(1) > 0));
            hasNameless |= statement.Blob(0).Length != 16;
        }

        if (hasNameless)
        {
            _ = session[s_dropNameless].Bind(1, DbTime.Of(now)).Run();
        }

        var kept = session.ForEach(overdue, careful, job =>
        {
            if (job.HasErrors)
            {
                JobErrors.Delete(session, job.Id);
            }

            JobHistory.Delete(session, job.Id);
        });
        refused.AddRange(kept.Select(static k => (k.Item.Id.Value, k.Error)));
        return overdue.Count - kept.Count;
    }

    /// <summary>Each goes whole, with all its steps.</summary>
    private int DeleteWorkflows(SqliteSession session, int limit, DateTimeOffset now, bool careful,
        List<(Guid Id, Exception Error)> refused)
    {
        var overdue = new List<(WorkflowId Id, int Steps)>();
        var statement = session[s_workflows].Bind(1, DbTime.Of(now)).Bind(2, Math.Max(0, limit)).Bind(3, Undeletable(now));
        var steps = 0;
        while (steps < limit && statement.Step())
        {
            overdue.Add((WorkflowId.OfStep(statement.IdOrStandIn(0)), Math.Max(0, statement.Int(1))));
            steps += overdue[^1].Steps;
        }

        statement.Reset();
        var left = session.ForEach(overdue, careful, workflow => WorkflowSteps.Delete(session, workflow.Id));
        refused.AddRange(left.Select(static l => (l.Item.Id.Value, l.Error)));
        return overdue.Except(left.Select(static l => l.Item)).Sum(static w => w.Steps);
    }

    private string? Undeletable(DateTimeOffset now) =>
        _undeletable.Present(now) is { Length: > 0 } ids
            ? $"[{string.Join(',', ids.Select(static id => $"\"{Convert.ToHexString(id.ToByteArray(bigEndian: true))}\""))}]"
            : null;
}
