namespace Simmer.Sqlite;

internal sealed partial class SqliteJobStore
{
    private static readonly Sql s_deleteEnded = new("DELETE FROM simmer_history WHERE id = ?1 AND step IS NULL");

    /// <inheritdoc/>
    public ValueTask<int> DeleteAsync(IReadOnlyList<JobId> ids, DateTimeOffset now, CancellationToken cancellationToken) =>
        Write(session => ids.Count(id => Delete(session, id)), cancellationToken, ids.Count);

    private static bool Delete(SqliteSession session, JobId id)
    {
        var deleted = FindHot(session, id) is { } row
            ? row.State != JobState.Running && row.Step is null && session[s_deleteJob].Bind(1, row.Seq).Run() == 1
            : session[s_deleteEnded].Bind(1, id).Run() == 1;
        if (deleted)
        {
            _ = session[s_deleteErrors].Bind(1, id).Run();
        }

        return deleted;
    }
}
