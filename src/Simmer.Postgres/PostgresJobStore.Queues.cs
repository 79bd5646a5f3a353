namespace Simmer.Postgres;

internal sealed partial class PostgresJobStore
{
    private const string PauseSql =
        "INSERT INTO simmer.queue(name, paused) VALUES($1, $2) ON CONFLICT(name) DO UPDATE SET paused = excluded.paused";

    /// <inheritdoc/>
    public async ValueTask SetQueueAsync(string queue, bool paused, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(queue);
        await AddNamesAsync([queue], [], cancellationToken);
        _ = await Operate(async session =>
        {
            await session.Batch().Add(PauseSql).Bind(queue).Bind(paused).RunAsync();
            session.Steps.Ready(queue, session.Names.Queue(queue));
            return true;
        }, cancellationToken);
    }
}
