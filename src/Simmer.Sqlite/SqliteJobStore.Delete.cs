namespace Simmer.Sqlite;

internal sealed partial class SqliteJobStore
{
    /// <inheritdoc/>
    public ValueTask<int> DeleteAsync(IReadOnlyList<JobId> ids, DateTimeOffset now, CancellationToken cancellationToken) =>
        Write(session => ids.Count(id => Delete(session, id)), cancellationToken, ids.Count);

    private static bool Delete(SqliteSession session, JobId id)
    {
        var deleted = FindHot(session, id) is { } row
            ? row.State != JobState.Running && session[s_deleteJob].Bind(1, row.Seq).Run() == 1
            : session[s_deleteHistory].Bind(1, id).Run() == 1;
        if (deleted)
        {
            _ = session[s_deleteErrors].Bind(1, id).Run();
        }

        return deleted;
    }
}
