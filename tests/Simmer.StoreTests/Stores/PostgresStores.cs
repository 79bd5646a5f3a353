using System.Data.Common;
using Microsoft.Extensions.Logging.Abstractions;
using Simmer.Postgres;
using Simmer.Servers;
using Simmer.Storage;

namespace Simmer.StoreTests.Stores;

public sealed class PostgresStores : ITransactionalStoreFactory
{
    private readonly List<IJobStore> _stores = [];
    private TestSchema? _schema;

    public async ValueTask<IJobStore> CreateAsync()
    {
        var schema = _schema ??= await TestSchema.ReserveAsync();
        var options = new PostgresStoreOptions { Schema = schema.Name, LeaseClock = LeaseClock.Caller, PartitionDays = 1 };
        var store = new PostgresJobStore(new PostgresDatabase(schema.Database), options, TimeProvider.System, NullLogger.Instance);
        _stores.Add(store);
        await store.InitializeAsync(TestContext.Current.CancellationToken);
        return store;
    }

    public async ValueTask<IJobStore?> ReopenAsync() => await CreateAsync();

    // The schema is that of the tables that a test makes, too.
    public async ValueTask<DbConnection> ConnectAsync() => await _schema!.ConnectAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        foreach (var store in _stores)
        {
            await store.DisposeAsync();
        }

        if (_schema is not null)
        {
            await _schema.DisposeAsync();
        }
    }
}
