namespace Simmer.Sqlite;

internal sealed partial class SqliteJobStore
{
    private static readonly Sql s_pause = new("UPDATE simmer_queue SET paused = ?2 WHERE id = ?1");

    /// <inheritdoc/>
    public async ValueTask SetQueueAsync(string queue, bool paused, DateTimeOffset now, CancellationToken cancellationToken) =>
        _ = await Write(session => session[s_pause].Bind(1, session.Names.Queue(queue)).Bind(2, paused).Run(), cancellationToken);
}
