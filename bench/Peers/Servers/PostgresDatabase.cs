namespace Peers.Servers;

internal sealed class PostgresDatabase(PostgresServer server, string name) : IGround
{
    public string Address { get; } = server.UriOf(name).ToString();

    /// <summary>Analyses and vacuums, as the server does by itself within a minute of a large change. Otherwise some plans would still be
    /// those of empty tables.</summary>
    public async Task SettleAsync()
    {
        await server.ExecuteAsync(name, "vacuum analyze", CancellationToken.None);
        await server.ExecuteAsync(name, "checkpoint", CancellationToken.None);
    }

    public async ValueTask DisposeAsync() =>
        await server.ExecuteAsync("postgres", $"drop database {name} with (force)", CancellationToken.None);
}
