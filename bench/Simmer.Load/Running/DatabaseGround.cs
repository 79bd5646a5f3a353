using Npgsql;
using Simmer.Load.Measuring;

namespace Simmer.Load.Running;

/// <summary>A database on a PostgreSQL server.</summary>
internal sealed class DatabaseGround : Ground
{
    private readonly Servers.Postgres _server;
    private readonly bool _counts;

    private DatabaseGround(Servers.Postgres server, string connectionString, bool counts)
        : base(connectionString) => (_server, _counts) = (server, counts);

    private string Name => new NpgsqlConnectionStringBuilder(Address).Database!;

    /// <param name="server">Where.</param>
    /// <param name="counts">Whether the server counts the statements, which costs it time. One that cannot does not.</param>
    public static async Task<DatabaseGround> NewAsync(Servers.Postgres server, bool counts)
    {
        var address = await server.CreateDatabaseAsync();
        counts = counts && await server.AskAsync<bool>("SELECT EXISTS(SELECT 1 FROM pg_settings WHERE name = 'pg_stat_statements.track')");
        if (counts)
        {
            await server.ExecuteAsync("CREATE EXTENSION IF NOT EXISTS pg_stat_statements");
            await server
                .ExecuteAsync($"ALTER DATABASE {new NpgsqlConnectionStringBuilder(address).Database} SET pg_stat_statements.track = 'top'");
        }

        return new DatabaseGround(server, address, counts);
    }

    public override async Task<StoreWork> CountAsync() => _counts
        ? new StoreWork(await CallsAsync("true"), Looks: 0, await CallsAsync("s.query = 'COMMIT'"))
        : default;

    public override Task<long> ConnectionsAsync() =>
        _server.AskAsync<long>($"SELECT count(*) FROM pg_stat_activity WHERE datname = '{Name}'");

    public override async ValueTask DisposeAsync() => await _server.DropDatabaseAsync(Address);

    private Task<long> CallsAsync(string which) =>
        _server.AskAsync<long>($"SELECT coalesce(sum(s.calls), 0)::bigint FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid "
            + $"WHERE d.datname = '{Name}' AND {which}");
}
