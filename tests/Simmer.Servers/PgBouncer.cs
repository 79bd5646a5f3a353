using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Simmer.Servers;

/// <summary>A PgBouncer that lends a server's connections for a transaction at a time. It ends with our process, however that
/// ends.</summary>
public sealed class PgBouncer : IAsyncDisposable
{
    private const string Program = "/usr/sbin/pgbouncer";

    private readonly ServerFolder _folder;
    private GuardedProcess? _process;

    private PgBouncer(ServerFolder folder) => _folder = folder;

    /// <summary>The loopback port that it listens on.</summary>
    public int Port { get; } = FreePort.Next();

    /// <summary>Starts one in front of a server.</summary>
    /// <param name="server">With what its connections to the server log in, to every database.</param>
    /// <param name="poolSize">How many connections to the server it has for each database.</param>
    /// <param name="clients">How many connections it accepts.</param>
    /// <exception cref="InvalidOperationException">It is not installed, or did not start; with its log.</exception>
    public static async Task<PgBouncer> StartAsync(Postgres server, int poolSize = 10, int clients = 500)
    {
        if (!File.Exists(Program))
        {
            throw new InvalidOperationException(
                $"PgBouncer is not at {Program}. Run  sudo apt-get install pgbouncer , or ./test as root, which does it.");
        }

        var bouncer = new PgBouncer(await ServerFolder.CreateAsync("pgbouncer"));
        try
        {
            await bouncer.StartAsync(new NpgsqlConnectionStringBuilder(server.ConnectionString), poolSize, clients);
            return bouncer;
        }
        catch
        {
            await bouncer.DisposeAsync();
            throw;
        }
    }

    /// <summary>A connection string that leads through it.</summary>
    public string Through(string connectionString) =>
        new NpgsqlConnectionStringBuilder(connectionString) { Host = "127.0.0.1", Port = Port }.ConnectionString;

    /// <summary>The last lines of its log.</summary>
    public string LogTail() => _folder.LogTail();

    /// <summary>Stops it at once; its clients are disconnected.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
            _process = null;
        }

        _folder.Dispose();
    }

    private async Task StartAsync(NpgsqlConnectionStringBuilder server, int poolSize, int clients)
    {
        var settings = _folder.In("pgbouncer.ini");
        await File.WriteAllTextAsync(settings, $"""
            [databases]
            * = host={server.Host} port={server.Port} user={server.Username}{(server.Password is { Length: > 0 } password
                ? $" password='{password}'"
                : "")}

            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = {Port}
            unix_socket_dir =
            auth_type = any
            pool_mode = transaction
            default_pool_size = {poolSize}
            max_client_conn = {clients}
            server_round_robin = 1
            ignore_startup_parameters = extra_float_digits

            """);
        _process = await GuardedProcess.StartAsync(_folder, Signal.Terminate, Program, settings);
        await _folder.ReadyAsync(_process, AcceptsConnections);
    }

    private bool AcceptsConnections()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            probe.Connect(IPAddress.Loopback, Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
