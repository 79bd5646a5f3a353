namespace Simmer.Sqlite;

internal sealed partial class SqliteJobStore
{
    private static readonly Sql s_pause = new("UPDATE simmer_queue SET paused = ?2 WHERE id = ?1");

    /// <inheritdoc/>
    public async ValueTask SetQueueAsync(string queue, bool paused, DateTimeOffset now, CancellationToken cancellationToken) =>
        _ = await Write(session =>
        {
            ProveNames(session);
            return session[s_pause].Bind(1, session.Names.Queue(queue)).Bind(2, paused).Run();
        }, cancellationToken);

    /// <summary>Before anything is stored under a number: names that somebody has taken out are put back.</summary>
    private void ProveNames(SqliteSession session)
    {
        if (session.Names.Prove())
        {
            Log.NamesGone(_logger, _database.Path);
        }
    }
}
