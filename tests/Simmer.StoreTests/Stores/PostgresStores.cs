using System.Data.Common;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Simmer.Postgres;
using Simmer.Servers;
using Simmer.Storage;

namespace Simmer.StoreTests.Stores;

/// <summary>A schema of its own a test, in one database of the test process: making a database takes longer than most tests.</summary>
public sealed class PostgresStores : ITransactionalStoreFactory
{
    private static readonly Lazy<Task<string>> s_database = new(static async () => await (await PostgresServer.Shared).CreateDatabaseAsync());
    private static int s_count;

    private readonly string _schema = string.Create(CultureInfo.InvariantCulture, $"simmer{Interlocked.Increment(ref s_count)}");
    private readonly List<IJobStore> _stores = [];

    public async ValueTask<IJobStore> CreateAsync()
    {
        var options = new PostgresStoreOptions { Schema = _schema, LeaseClock = LeaseClock.Caller, PartitionDays = 1 };
        var store = new PostgresJobStore(new PostgresDatabase(await s_database.Value), options, TimeProvider.System, NullLogger.Instance);
        _stores.Add(store);
        await store.InitializeAsync(TestContext.Current.CancellationToken);
        return store;
    }

    public async ValueTask<IJobStore?> ReopenAsync() => await CreateAsync();

    public async ValueTask<DbConnection> ConnectAsync()
    {
        // The schema is that of the tables that a test makes, too.
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(await s_database.Value) { SearchPath = _schema, Pooling = false }.ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        return connection;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var store in _stores)
        {
            await store.DisposeAsync();
        }

        await using var source = NpgsqlDataSource.Create(await s_database.Value);
        await using var drop = source.CreateCommand($"DROP SCHEMA IF EXISTS {_schema} CASCADE");
        _ = await drop.ExecuteNonQueryAsync(CancellationToken.None);
    }
}
