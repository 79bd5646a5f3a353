using Npgsql;

namespace Simmer.Servers;

/// <summary>A PostgreSQL server of one's own on a free loopback port, to stop, kill and start again. It ends with our process, however that
/// ends.</summary>
public sealed class PostgresServer : Postgres, IAsyncDisposable
{
    private const int Attempts = 5;

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    private readonly ServerFolder _folder;
    private readonly string[] _settings;
    private GuardedProcess? _process;

    private PostgresServer(ServerFolder folder, int port, IReadOnlyDictionary<string, string> settings)
        : base(new NpgsqlConnectionStringBuilder
        {
            Host = "127.0.0.1",
            Port = port,
            Username = "postgres",
            Database = "postgres",
            SslMode = SslMode.Disable,
            GssEncryptionMode = GssEncryptionMode.Disable,
            IncludeErrorDetail = true,
        }.ConnectionString)
    {
        (_folder, Port) = (folder, port);
        var own = new Dictionary<string, string>
        {
            ["port"] = $"{port}",
            ["listen_addresses"] = "127.0.0.1",
            ["unix_socket_directories"] = folder.Path,
            ["max_connections"] = "300",
        };
        _settings = [.. own.Concat(settings).SelectMany(static s => new[] { "-c", $"{s.Key}={s.Value}" })];
    }

    /// <summary>Settings of a server that is fast because it may lose everything when its machine fails. What was committed is still there
    /// after every <see cref="StopMode"/>.</summary>
    public static IReadOnlyDictionary<string, string> NotDurable { get; } =
        new Dictionary<string, string> { ["fsync"] = "off", ["full_page_writes"] = "off" };

    public int Port { get; }

    /// <summary>The postmaster's process id.</summary>
    /// <exception cref="InvalidOperationException">The server is stopped.</exception>
    public int ProcessId => Running.Id;

    private GuardedProcess Running => _process ?? throw new InvalidOperationException("The server is stopped: start it first.");

    private string Data => _folder.In("data");

    private bool LostItsPort => LogTail().Contains("Address already in use", StringComparison.Ordinal);

    /// <summary>Creates a server and starts it.</summary>
    /// <param name="settings">PostgreSQL's, by name; what is not named is as PostgreSQL has it, except that 300 connections are
    /// allowed.</param>
    /// <exception cref="InvalidOperationException">PostgreSQL is not installed, or did not start; with its log.</exception>
    public static async Task<PostgresServer> StartNewAsync(IReadOnlyDictionary<string, string>? settings = null)
    {
        for (var attempt = 1; ; attempt++)
        {
            var server = new PostgresServer(await ServerFolder.CreateAsync("postgres"), FreePort.Next(),
                settings ?? new Dictionary<string, string>());
            try
            {
                await Tool.RunAsync(ServiceUser
                    .Command(PostgresPrograms.Path("initdb"), "-D", server.Data, "-U", "postgres", "--auth=trust", "--encoding=UTF8",
                    "--locale=C.UTF-8", "--no-sync"));
                await server.StartAsync();
                return server;
            }
            catch (InvalidOperationException) when (attempt < Attempts && server.LostItsPort)
            {
                // Another process took the port while the server's files were made. The address has not been given to any test yet, so
                // another port will do.
                await server.DisposeAsync();
            }
            catch
            {
                await server.DisposeAsync();
                throw;
            }
        }
    }

    /// <summary>Starts it again, on the same port and data, and waits until it accepts connections.</summary>
    public async Task StartAsync()
    {
        if (_process is not null)
        {
            throw new InvalidOperationException("The server runs already: stop it first.");
        }

        _process = await GuardedProcess.StartAsync(_folder, Signal.Quit, [PostgresPrograms.Path("postgres"), "-D", Data, .. _settings]);
        await _folder.ReadyAsync(_process, AcceptsConnections);
    }

    /// <summary>Stops it and waits until it has ended.</summary>
    /// <exception cref="TimeoutException">It did not end within a minute; with its log.</exception>
    public async Task StopAsync(StopMode mode = StopMode.Fast)
    {
        try
        {
            await Task.WhenAll(EndAsync(mode), Running.Exited).WaitAsync(s_patience);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"The server did not end within a minute ({mode}). Its log ends with:\n{LogTail()}");
        }

        await Running.DisposeAsync();
        _process = null;
    }

    /// <summary>Creates a tablespace in a folder, for instance one on a small disk, and gives the folder to the server's user.</summary>
    public async Task CreateTablespaceAsync(string name, string folder)
    {
        await ServiceUser.GiveAsync(folder);
        await ExecuteAsync($"CREATE TABLESPACE {name} LOCATION '{folder}'");
    }

    /// <summary>The last lines of its log.</summary>
    public string LogTail() => _folder.LogTail();

    /// <summary>Stops it at once and removes all that it stored.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
            _process = null;
        }

        _folder.Dispose();
    }

    private Task EndAsync(StopMode mode)
    {
        if (mode == StopMode.Kill)
        {
            return ProcessTree.KillAsync(ProcessId);
        }

        Running.Send(mode switch { StopMode.Smart => Signal.Terminate, StopMode.Fast => Signal.Interrupt, _ => Signal.Quit });
        return Task.CompletedTask;
    }

    // The first line of the file is the id of the postmaster, the eighth its state. Trying to connect instead would fill the log with
    // refusals.
    private bool AcceptsConnections()
    {
        try
        {
            var lines = File.ReadAllLines(Path.Combine(Data, "postmaster.pid"));
            return lines.Length >= 8 && lines[0] == $"{ProcessId}" && lines[7].Trim() == "ready";
        }
        catch (IOException)
        {
            return false;
        }
    }
}
