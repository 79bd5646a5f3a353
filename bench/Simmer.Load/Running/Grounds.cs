using Npgsql;
using Simmer.Servers;

namespace Simmer.Load.Running;

/// <summary>Gives stores their places. PostgreSQL's server is started when the first database is asked for, unless one is given.</summary>
/// <param name="given">A superuser's connection string; null: a server of its own.</param>
internal sealed class Grounds(string? given) : IAsyncDisposable
{
    // The default durability. The other settings are those with which the design's figures were measured. Statements are counted only for a
    // database that asks for it.
    private static readonly Dictionary<string, string> s_settings = new()
    {
        ["shared_buffers"] = "1GB",
        ["max_wal_size"] = "8GB",
        ["checkpoint_timeout"] = "15min",
        ["shared_preload_libraries"] = "pg_stat_statements",
        ["pg_stat_statements.track"] = "none",
    };

    private PostgresServer? _own;
    private Servers.Postgres? _server;

    public async Task<Ground> NewAsync(Setting setting, bool counts = false) =>
        setting.IsPostgres ? await DatabaseGround.NewAsync(await ServerAsync(), counts) : new FolderGround();

    /// <summary>The server of this run.</summary>
    public async Task<Servers.Postgres> ServerAsync() =>
        _server ??= given is null ? _own = await NewServerAsync() : new Servers.Postgres(given);

    /// <summary>Starts another server with the same settings, which the caller stops and disposes of.</summary>
    public static Task<PostgresServer> NewServerAsync() => PostgresServer.StartNewAsync(s_settings);

    /// <summary>Describes the server that was measured on; null if there was none.</summary>
    public async Task<string?> DescribeAsync() => _server is null ? null : await _server.AskAsync<string>("""
        SELECT format('PostgreSQL %s: ', current_setting('server_version')) || string_agg(format('%s=%s', name, current_setting(name)), ', '
            ORDER BY name)
        FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes', 'wal_sync_method', 'shared_buffers',
            'max_wal_size', 'checkpoint_timeout')
        """);

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        if (_own is not null)
        {
            await _own.DisposeAsync();
        }
    }
}
