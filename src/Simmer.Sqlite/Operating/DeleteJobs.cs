using Simmer.Storage;

namespace Simmer.Sqlite;

/// <summary>Deletes jobs that do not run.</summary>
internal static class DeleteJobs
{
    private static readonly Sql s_deleteEnded =
        new("DELETE FROM simmer_history WHERE id = ?1 AND (step IS NULL OR NOT EXISTS(SELECT 1 FROM simmer_workflow WHERE id = ?2))");

    private static readonly Sql s_namelessHot = new($"SELECT seq, id FROM simmer_job WHERE state <> {JobStates.Running} "
        + "AND (typeof(id) <> 'blob' OR length(id) <> 16)");

    private static readonly Sql s_namelessEnded = new("SELECT id FROM simmer_history WHERE typeof(id) <> 'blob' OR length(id) <> 16");

    private static readonly Sql s_deleteNamelessEnded =
        new("DELETE FROM simmer_history WHERE (typeof(id) <> 'blob' OR length(id) <> 16) AND CAST(id AS BLOB) = ?1");

    /// <summary>Deletes a job. A step that cannot be read ends as cancelled instead, so that the steps after it do not wait for
    /// ever.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="id">The job.</param>
    /// <param name="now">The present time.</param>
    /// <param name="missing">Takes the job's id if there is nothing under it.</param>
    /// <returns>False: it is not there, it runs, or it is a step that can be read.</returns>
    public static bool Delete(SqliteSession session, JobId id, DateTimeOffset now, HashSet<JobId> missing)
    {
        // A row that says it is a step and has no workflow is damaged: it is never read, and no workflow is deleted with it.
        var workflow = WorkflowId.OfStep(id);
        if (JobLookup.FindHot(session, id) is { } row)
        {
            return row.State != JobState.Running && (!row.IsAlone && WorkflowLookup.StateOf(session, workflow) is not null
                ? EndUnreadable(session, row, id, now)
                : RunEnd.Delete(session, row.Seq, id));
        }

        if (session[s_deleteEnded].Bind(1, id).Bind(2, workflow).Run() == 0)
        {
            _ = missing.Add(id);
            return false;
        }

        JobErrors.Delete(session, id);
        return true;
    }

    /// <summary>Deletes rows whose ids are damaged, by what they are called in lists. One look for all: it goes through both
    /// tables.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="missing">The ids under which there was nothing.</param>
    /// <param name="careful">Whether each row is deleted behind a savepoint of its own.</param>
    /// <param name="refused">Takes what the database refuses.</param>
    /// <returns>How many were deleted.</returns>
    public static int DeleteNameless(SqliteSession session, HashSet<JobId> missing, bool careful, List<(JobId, Exception)> refused)
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

        var refusedHot = session.ForEach(hot, careful, row => RunEnd.Delete(session, row.Seq, row.Id));
        var refusedEnded = session.ForEach(ended, careful, row =>
        {
            _ = session[s_deleteNamelessEnded].Bind(1, row.Bytes).Run();
            JobErrors.Delete(session, row.Id);
        });
        refused.AddRange(refusedHot.Select(static r => (r.Item.Id, r.Error)));
        refused.AddRange(refusedEnded.Select(static r => (r.Item.Id, r.Error)));
        return hot.Count - refusedHot.Count + ended.Count - refusedEnded.Count;
    }

    private static bool EndUnreadable(SqliteSession session, in HotRow row, JobId id, DateTimeOffset now)
    {
        if (StepRows.Read(session, id).Unreadable is null)
        {
            return false;
        }

        _ = CancelJobs.Cancel(session, row, id, StoreRules.DeletedStepReason, now);
        return true;
    }
}
