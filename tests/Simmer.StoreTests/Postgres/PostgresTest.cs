using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Simmer.Postgres;
using Simmer.Servers;
using Simmer.Storage;

namespace Simmer.StoreTests.Postgres;

/// <summary>The ground of the tests that only PostgreSQL needs: a schema, stores on it, and connections of the application's own.</summary>
public abstract class PostgresTest : IAsyncLifetime
{
    private static readonly Lazy<Task<string>> s_database = new(static async () => await (await PostgresServer.Shared).CreateDatabaseAsync());
    private static int s_count;

    private readonly List<PostgresJobStore> _stores = [];
    private readonly List<NpgsqlConnection> _connections = [];

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    protected static DateTimeOffset Now => Some.Moment;

    protected string Schema { get; } = string.Create(CultureInfo.InvariantCulture, $"own{Interlocked.Increment(ref s_count)}");

    protected string ConnectionString { get; private set; } = "";

    public async ValueTask InitializeAsync() => ConnectionString = await s_database.Value;

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

        await using var last = await ConnectAsync();
        _ = await ExecuteAsync(last, $"DROP SCHEMA IF EXISTS \"{Schema}\" CASCADE");
        GC.SuppressFinalize(this);
    }

    internal async ValueTask<PostgresJobStore> OpenAsync(Action<PostgresStoreOptions>? configure = null, ILogger? logger = null, string? connectionString = null)
    {
        var options = new PostgresStoreOptions { Schema = Schema, LeaseClock = LeaseClock.Caller, PartitionDays = 1, Wakeup = PostgresWakeup.Poll };
        configure?.Invoke(options);
        var store = new PostgresJobStore(new PostgresDatabase(connectionString ?? ConnectionString), options, TimeProvider.System, logger ?? NullLogger.Instance);
        _stores.Add(store);
        await store.InitializeAsync(Token);
        return store;
    }

    internal static async ValueTask<TestWorker> RegisterAsync(IJobStore store) =>
        new(store, await store.RegisterAsync(new WorkerInfo("worker", [Some.Queue], []), Now, Token), static () => Now);

    /// <summary>A connection whose tables are those of the schema; it is closed with the test.</summary>
    protected async ValueTask<NpgsqlConnection> ConnectAsync()
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(ConnectionString) { SearchPath = $"\"{Schema}\"", Pooling = false }.ConnectionString);
        _connections.Add(connection);
        await connection.OpenAsync(Token);
        return connection;
    }

    /// <summary>The first value of a statement's result.</summary>
    protected static async ValueTask<object?> ExecuteAsync(NpgsqlConnection connection, string text)
    {
        await using var command = new NpgsqlCommand(text, connection);
        return await command.ExecuteScalarAsync(Token);
    }
}
