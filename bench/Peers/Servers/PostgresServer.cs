using Npgsql;
using Peers.Installing;

namespace Peers.Servers;

/// <summary>A PostgreSQL of the run's own, configured as it comes, on a free port of the loopback.</summary>
internal sealed class PostgresServer : IAsyncDisposable
{
    private readonly string _binaries;
    private readonly string _data;
    private readonly int _port;
    private int _databases;

    private PostgresServer(string binaries, string data, int port) => (_binaries, _data, _port) = (binaries, data, port);

    public static async Task<PostgresServer> StartAsync(string folder, CancellationToken cancellationToken)
    {
        var home = Directory.CreateDirectory(Path.Combine(folder, "postgres")).FullName;
        var server = new PostgresServer(Tools.PostgresBinaries()!, Path.Combine(home, "data"), Ports.Free());
        if (Environment.IsPrivilegedProcess)
        {
            await Shell.RunAsync("chmod", ["o+rx", folder], cancellationToken);
            await Shell.RunAsync("chown", ["postgres", home], cancellationToken);
        }

        await server.CallAsync("initdb", ["-D", server._data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C"],
            cancellationToken);
        var options = $"-p {server._port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={home}";
        await server.CallAsync("pg_ctl", ["start", "-w", "-D", server._data, "-l", Path.Combine(home, "log"), "-o", options],
            cancellationToken);
        return server;
    }

    public async Task<PostgresDatabase> CreateDatabaseAsync(CancellationToken cancellationToken)
    {
        var name = $"peer_{++_databases}";
        await ExecuteAsync("postgres", $"create database {name}", cancellationToken);
        return new PostgresDatabase(this, name);
    }

    public async Task<string> DescribeAsync(CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(ConnectionString("postgres"));
        await using var command = source.CreateCommand(
            "select format('PostgreSQL %s, fsync %s, synchronous_commit %s, shared_buffers %s', "
            + "current_setting('server_version'), current_setting('fsync'), current_setting('synchronous_commit'), "
                + "current_setting('shared_buffers'))");
        return (string)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    public Uri UriOf(string database) => new($"postgres://postgres@127.0.0.1:{_port}/{database}");

    public async Task ExecuteAsync(string database, string sql, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(ConnectionString(database));
        await using var command = source.CreateCommand(sql);
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync() => await CallAsync("pg_ctl", ["stop", "-w", "-m", "fast", "-D", _data], CancellationToken.None);

    // Without a pool, which would keep a connection to a database that is to be dropped.
    private string ConnectionString(string database) =>
        new NpgsqlConnectionStringBuilder(PostgresAddress
            .ConnectionString(UriOf(database).ToString())) { Pooling = false }.ConnectionString;

    // The server refuses to run as root.
    private Task CallAsync(string program, string[] arguments, CancellationToken cancellationToken)
    {
        var path = Path.Combine(_binaries, program);
        return Environment.IsPrivilegedProcess
            ? Shell.RunAsync("setpriv", ["--reuid=postgres", "--regid=postgres", "--init-groups", path, .. arguments], cancellationToken)
            : Shell.RunAsync(path, arguments, cancellationToken);
    }
}
