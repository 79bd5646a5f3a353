using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Simmer.Sqlite;
using Simmer.Storage;

namespace Simmer.StoreTests.Sqlite;

/// <summary>The base of the tests for SQLite alone: a directory, stores on one file, and a connection of another program.</summary>
public abstract class SqliteTest : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();
    private readonly List<SqliteJobStore> _stores = [];

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    protected string FilePath => _directory.File();

    protected string DirectoryPath => _directory.Path;

    protected static DateTimeOffset Now => Some.Moment;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var store in _stores)
        {
            await store.DisposeAsync();
        }

        SqliteConnection.ClearAllPools();
        _directory.Dispose();
        GC.SuppressFinalize(this);
    }

    internal async ValueTask<SqliteJobStore> OpenAsync(TimeSpan? lockTimeout = null, string? path = null,
        IReadOnlyList<Migration>? migrations = null, ILogger? logger = null)
    {
        var options = new SqliteStoreOptions { Synchronous = SqliteSynchronous.Normal, LeaseClock = LeaseClock.Caller,
            LockTimeout = lockTimeout ?? TimeSpan.FromSeconds(5) };
        var database = new SqliteDatabase($"Data Source={path ?? FilePath}", options,
            NullLogger.Instance) { Migrations = migrations ?? Migrator.Embedded };
        if (logger is not null)
        {
            database = new SqliteDatabase($"Data Source={path ?? FilePath}", options,
                logger) { Migrations = migrations ?? Migrator.Embedded };
        }

        var store = new SqliteJobStore(database, options, NullLogger.Instance);
        _stores.Add(store);
        await store.InitializeAsync(Token);
        return store;
    }

    internal static async ValueTask<TestWorker> RegisterAsync(SqliteJobStore store) =>
        new(store, await store.RegisterAsync(new WorkerInfo("worker", [Some.Queue], []), Now, Token), static () => Now);

    protected SqliteConnection Connect(string? path = null)
    {
        var connection = new SqliteConnection($"Data Source={path ?? FilePath};Pooling=False");
        connection.Open();
        return connection;
    }

    protected static void Execute(SqliteConnection connection, string text, SqliteTransaction? transaction = null)
    {
        using var command = connection.CreateCommand();
        (command.CommandText, command.Transaction) = (text, transaction);
        _ = command.ExecuteNonQuery();
    }
}
