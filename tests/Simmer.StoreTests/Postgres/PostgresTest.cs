using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Simmer.Postgres;
using Simmer.Servers;
using Simmer.Storage;

namespace Simmer.StoreTests.Postgres;

/// <summary>The base of the tests for PostgreSQL alone: a schema, stores on it, and connections of the application.</summary>
public abstract class PostgresTest : IAsyncLifetime
{
    private readonly List<PostgresJobStore> _stores = [];
    private readonly List<NpgsqlConnection> _connections = [];
    private TestSchema _schema = null!;

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    protected static DateTimeOffset Now => Some.Moment;

    protected string Schema => _schema.Name;

    protected string ConnectionString => _schema.Database;

    public async ValueTask InitializeAsync() => _schema = await TestSchema.ReserveAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var store in _stores)
        {
            await store.DisposeAsync();
        }

        foreach (var connection in _connections)
        {
            await connection.DisposeAsync();
        }

        await _schema.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    internal async ValueTask<PostgresJobStore> OpenAsync(Action<PostgresStoreOptions>? configure = null, ILogger? logger = null,
        string? connectionString = null)
    {
        var options = new PostgresStoreOptions { Schema = Schema, LeaseClock = LeaseClock.Caller, PartitionDays = 1,
            Wakeup = PostgresWakeup.Poll };
        configure?.Invoke(options);
        var store = new PostgresJobStore(new PostgresDatabase(connectionString ?? ConnectionString), options, TimeProvider.System,
            logger ?? NullLogger.Instance);
        _stores.Add(store);
        await store.InitializeAsync(Token);
        return store;
    }

    internal static async ValueTask<TestWorker> RegisterAsync(IJobStore store) =>
        new(store, await store.RegisterAsync(new WorkerInfo("worker", [Some.Queue], []), Now, Token), static () => Now);

    /// <summary>A connection whose tables are those of the schema; it is closed with the test.</summary>
    protected async ValueTask<NpgsqlConnection> ConnectAsync()
    {
        var connection = await _schema.ConnectAsync(Token);
        _connections.Add(connection);
        return connection;
    }

    /// <summary>The first value of a statement's result.</summary>
    protected static async ValueTask<object?> ExecuteAsync(NpgsqlConnection connection, string text)
    {
        await using var command = new NpgsqlCommand(text, connection);
        return await command.ExecuteScalarAsync(Token);
    }
}
