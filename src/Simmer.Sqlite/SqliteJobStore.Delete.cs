namespace Simmer.Sqlite;

internal sealed partial class SqliteJobStore
{
    private static readonly Sql s_deleteEnded = new("DELETE FROM simmer_history WHERE id = ?1 AND (step IS NULL OR NOT EXISTS(SELECT 1 FROM simmer_workflow WHERE id = ?2))");
    private static readonly Sql s_namelessHot = new("SELECT seq, id FROM simmer_job WHERE state <> 4 AND (typeof(id) <> 'blob' OR length(id) <> 16)");
    private static readonly Sql s_namelessEnded = new("SELECT id FROM simmer_history WHERE typeof(id) <> 'blob' OR length(id) <> 16");
    private static readonly Sql s_dropNamelessEnded = new("DELETE FROM simmer_history WHERE (typeof(id) <> 'blob' OR length(id) <> 16) AND CAST(id AS BLOB) = ?1");

    /// <inheritdoc/>
    public ValueTask<int> DeleteAsync(IReadOnlyList<JobId> ids, DateTimeOffset now, CancellationToken cancellationToken) =>
        Write(session => ids.Count(id => Delete(session, id)), cancellationToken, ids.Count);

    private static bool Delete(SqliteSession session, JobId id)
    {
        // What says that it is a step and has no workflow is damaged: nobody reads it, and no workflow takes it along.
        var workflow = WorkflowId.OfStep(id);
        var deleted = FindHot(session, id) is { } row
            ? row.State != JobState.Running && (row.IsAlone || session[s_workflowState].Bind(1, workflow).Number() is null) && session[s_deleteJob].Bind(1, row.Seq).Run() == 1
            : session[s_deleteEnded].Bind(1, id).Bind(2, workflow).Run() == 1 || DeleteNameless(session, id);
        if (deleted)
        {
            _ = session[s_deleteErrors].Bind(1, id).Run();
        }

        return deleted;
    }

    /// <summary>Deletes a row whose id is damaged, by what it is called in lists.</summary>
    private static bool DeleteNameless(SqliteSession session, JobId id)
    {
        var hot = session[s_namelessHot];
        while (hot.Step())
        {
            if (hot.IdOrStandIn(1) == id)
            {
                var seq = hot.Long(0);
                hot.Reset();
                return session[s_deleteJob].Bind(1, seq).Run() == 1;
            }
        }

        var ended = session[s_namelessEnded];
        while (ended.Step())
        {
            if (ended.IdOrStandIn(0) == id)
            {
                var bytes = ended.Blob(0).ToArray();
                ended.Reset();
                return session[s_dropNamelessEnded].Bind(1, bytes).Run() > 0;
            }
        }

        return false;
    }
}
