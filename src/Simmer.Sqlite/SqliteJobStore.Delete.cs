using Simmer.Storage;

namespace Simmer.Sqlite;

internal sealed partial class SqliteJobStore
{
    private static readonly Sql s_deleteEnded = new("DELETE FROM simmer_history WHERE id = ?1 AND (step IS NULL OR NOT EXISTS(SELECT 1 FROM simmer_workflow WHERE id = ?2))");
    private static readonly Sql s_namelessHot = new("SELECT seq, id FROM simmer_job WHERE state <> 4 AND (typeof(id) <> 'blob' OR length(id) <> 16)");
    private static readonly Sql s_namelessEnded = new("SELECT id FROM simmer_history WHERE typeof(id) <> 'blob' OR length(id) <> 16");
    private static readonly Sql s_dropNamelessEnded = new("DELETE FROM simmer_history WHERE (typeof(id) <> 'blob' OR length(id) <> 16) AND CAST(id AS BLOB) = ?1");

    /// <inheritdoc/>
    public ValueTask<int> DeleteAsync(IReadOnlyList<JobId> ids, DateTimeOffset now, CancellationToken cancellationToken) =>
        Write(session =>
        {
            var missing = new HashSet<JobId>();
            var deleted = ids.Count(id => Delete(session, id, now, missing));
            Follow(session, now);
            _ = session.Steps.Take();
            return missing.Count == 0 ? deleted : deleted + DeleteNameless(session, missing);
        }, cancellationToken, ids.Count);

    private static bool Delete(SqliteSession session, JobId id, DateTimeOffset now, HashSet<JobId> missing)
    {
        // What says that it is a step and has no workflow is damaged: nobody reads it, and no workflow takes it along.
        var workflow = WorkflowId.OfStep(id);
        bool deleted;
        if (FindHot(session, id) is { } row)
        {
            if (row.State != JobState.Running && !row.IsAlone && session[s_workflowState].Bind(1, workflow).Number() is not null)
            {
                return EndUnreadable(session, row, id, now);
            }

            deleted = row.State != JobState.Running && session[s_deleteJob].Bind(1, row.Seq).Run() == 1;
        }
        else
        {
            deleted = session[s_deleteEnded].Bind(1, id).Bind(2, workflow).Run() == 1;
            if (!deleted)
            {
                _ = missing.Add(id);
            }
        }

        if (deleted)
        {
            _ = session[s_deleteErrors].Bind(1, id).Run();
        }

        return deleted;
    }

    /// <summary>Ends a step that nobody can run, so that those after it do not wait for ever.</summary>
    /// <returns>False: it can be read, and stays.</returns>
    private static bool EndUnreadable(SqliteSession session, in HotRow row, JobId id, DateTimeOffset now)
    {
        if (ReadChild(session, id).Unreadable is null)
        {
            return false;
        }

        _ = Cancel(session, row, id, StoreRules.DeletedStepReason, default, now);
        return true;
    }

    /// <summary>Deletes rows whose ids are damaged, by what they are called in lists. One look for all: it goes through both tables.</summary>
    private static int DeleteNameless(SqliteSession session, HashSet<JobId> missing)
    {
        var hot = new List<(long Seq, JobId Id)>();
        var statement = session[s_namelessHot];
        while (statement.Step())
        {
            var id = statement.IdOrStandIn(1);
            if (missing.Remove(id))
            {
                hot.Add((statement.Long(0), id));
            }
        }

        var ended = new List<(byte[] Bytes, JobId Id)>();
        statement = session[s_namelessEnded];
        while (statement.Step())
        {
            var id = statement.IdOrStandIn(0);
            if (missing.Remove(id))
            {
                ended.Add((statement.Blob(0).ToArray(), id));
            }
        }

        foreach (var (seq, _) in hot)
        {
            _ = session[s_deleteJob].Bind(1, seq).Run();
        }

        foreach (var (bytes, _) in ended)
        {
            _ = session[s_dropNamelessEnded].Bind(1, bytes).Run();
        }

        foreach (var id in hot.Select(static h => h.Id).Concat(ended.Select(static e => e.Id)))
        {
            _ = session[s_deleteErrors].Bind(1, id).Run();
        }

        return hot.Count + ended.Count;
    }
}
