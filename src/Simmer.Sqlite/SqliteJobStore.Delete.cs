using Simmer.Storage;

namespace Simmer.Sqlite;

internal sealed partial class SqliteJobStore
{
    private static readonly Sql s_deleteEnded =
        new("DELETE FROM simmer_history WHERE id = ?1 AND (step IS NULL OR NOT EXISTS(SELECT 1 FROM simmer_workflow WHERE id = ?2))");
    private static readonly Sql s_namelessHot =
        new("SELECT seq, id FROM simmer_job WHERE state <> 4 AND (typeof(id) <> 'blob' OR length(id) <> 16)");
    private static readonly Sql s_namelessEnded = new("SELECT id FROM simmer_history WHERE typeof(id) <> 'blob' OR length(id) <> 16");
    private static readonly Sql s_dropNamelessEnded =
        new("DELETE FROM simmer_history WHERE (typeof(id) <> 'blob' OR length(id) <> 16) AND CAST(id AS BLOB) = ?1");

    /// <inheritdoc/>
    public async ValueTask<int> DeleteAsync(IReadOnlyList<JobId> ids, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (deleted, refused) = await WriteEach((session, careful) =>
        {
            var missing = new HashSet<JobId>();
            var deleted = 0;
            var refused = ForEach(session, ids, careful, id =>
            {
                deleted += Delete(session, id, now, missing) ? 1 : 0;
                if (careful)
                {
                    // What follows must not wait for the others: the refusal of one of them forgets what ended steps have to say.
                    Follow(session, now);
                }
            });
            Follow(session, now);
            _ = session.Steps.Take();
            return (missing.Count == 0 ? deleted : deleted + DeleteNameless(session, missing, careful, refused), refused);
        }, cancellationToken, ids.Count);
        return refused.Count == 0 ? deleted : throw StoreRules
            .NotAllDeleted(deleted, [.. refused.Select(static r => StoreFaults.Refusal(r.Error, $"the deletion of job {r.Item}"))]);
    }

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

    /// <summary>Deletes rows whose ids are damaged, by what they are called in lists. One look for all: it goes through both
    /// tables.</summary>
    private static int DeleteNameless(SqliteSession session, HashSet<JobId> missing, bool careful, List<(JobId, Exception)> refused)
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

        var refusedHot = ForEach(session, hot, careful, row =>
        {
            _ = session[s_deleteJob].Bind(1, row.Seq).Run();
            _ = session[s_deleteErrors].Bind(1, row.Id).Run();
        });
        var refusedEnded = ForEach(session, ended, careful, row =>
        {
            _ = session[s_dropNamelessEnded].Bind(1, row.Bytes).Run();
            _ = session[s_deleteErrors].Bind(1, row.Id).Run();
        });
        refused.AddRange(refusedHot.Select(static r => (r.Item.Id, r.Error)));
        refused.AddRange(refusedEnded.Select(static r => (r.Item.Id, r.Error)));
        return hot.Count - refusedHot.Count + ended.Count - refusedEnded.Count;
    }
}
