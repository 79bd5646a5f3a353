using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Simmer.Postgres;
using Simmer.Servers;

namespace Simmer.FleetTests.Hosts;

/// <summary>The base of tests whose hosts share an empty database.</summary>
public abstract class HostTest : IAsyncLifetime
{
    private readonly List<NpgsqlConnection> _connections = [];

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    protected string Database { get; private set; } = "";

    /// <summary>What the handlers of <see cref="Note"/> noted.</summary>
    protected ConcurrentQueue<string> Notes { get; } = new();

    public async ValueTask InitializeAsync() => Database = await (await PostgresServer.Shared).CreateDatabaseAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections)
        {
            await connection.DisposeAsync();
        }

        await (await PostgresServer.Shared).DropDatabaseAsync(Database);
        GC.SuppressFinalize(this);
    }

    /// <summary>A host that knows <see cref="Note"/>.</summary>
    private protected Task<EngineHost> StartAsync(
        Action<SimmerBuilder>? configure = null, Action<PostgresStoreOptions>? store = null, string? connectionString = null,
            Action<HostApplicationBuilder>? host = null) => EngineHost.StartAsync(
        s =>
        {
            s.UsePostgres(connectionString ?? Database, store).AddJob((Note job, CancellationToken _) =>
            {
                Notes.Enqueue(job.What);
                return Task.CompletedTask;
            });
            configure?.Invoke(s);
        },
        host);

    /// <summary>A host that only enqueues <see cref="Note"/>.</summary>
    private protected Task<EngineHost> StartClientAsync(Action<SimmerBuilder>? configure = null, Action<PostgresStoreOptions>? store = null,
        string? connectionString = null) => EngineHost.StartAsync(
        s =>
        {
            s.UsePostgres(connectionString ?? Database, store).Configure(static o => o.Worker.Enabled = false).AddJob<Note>();
            configure?.Invoke(s);
        });

    /// <summary>A connection of the application's own; it is closed with the test.</summary>
    protected async Task<NpgsqlConnection> ConnectAsync(string? connectionString = null)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString ?? Database) { Pooling = false,
            ApplicationName = "application" }.ConnectionString);
        _connections.Add(connection);
        await connection.OpenAsync(Token);
        return connection;
    }

    /// <summary>The first value of a statement's result.</summary>
    protected static async Task<T> AskAsync<T>(NpgsqlConnection connection, string text)
    {
        await using var command = new NpgsqlCommand(text, connection);
        return (T)(await command.ExecuteScalarAsync(Token))!;
    }

    protected static async Task ExecuteAsync(NpgsqlConnection connection, string text)
    {
        await using var command = new NpgsqlCommand(text, connection);
        _ = await command.ExecuteNonQueryAsync(Token);
    }

    /// <summary>Waits until the database answers a question with yes.</summary>
    protected static async Task BecomesAsync(NpgsqlConnection connection, string condition)
    {
        var since = TimeProvider.System.GetTimestamp();
        while (!await AskAsync<bool>(connection, "SELECT " + condition))
        {
            TimeProvider.System.GetElapsedTime(since).ShouldBeLessThan(TimeSpan.FromSeconds(30), condition);
            await Task.Delay(5, Token);
        }
    }

    /// <summary>Enqueues so many notes and waits until all were done.</summary>
    private protected async Task DoAsync(EngineHost host, int count, string what)
    {
        var handles = await Task
            .WhenAll(Enumerable.Range(0, count).Select(i => host.Jobs.EnqueueAsync(new Note($"{what} {i}"), cancellationToken: Token)));
        await Task.WhenAll(handles.Select(h => h.WaitAsync(Token)));
    }
}
