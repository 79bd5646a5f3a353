using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Simmer.Sqlite;
using Simmer.Storage;
using Simmer.StoreTests.Conformance;
using Simmer.StoreTests.Sqlite;

namespace Simmer.StoreTests.Stores;

public sealed class SqliteStores : ITransactionalStoreFactory
{
    private readonly TemporaryDirectory _directory = new();
    private readonly List<IJobStore> _stores = [];

    public async ValueTask<IJobStore> CreateAsync()
    {
        // synchronous=NORMAL: a power cut does not matter to these tests, and the disk may be slow.
        var options = new SqliteStoreOptions { Synchronous = SqliteSynchronous.Normal, LeaseClock = LeaseClock.Caller };
        var store = new SqliteJobStore($"Data Source={_directory.File()}", options, NullLogger.Instance);
        _stores.Add(store);
        await store.InitializeAsync(TestContext.Current.CancellationToken);
        return store;
    }

    public async ValueTask<IJobStore?> ReopenAsync() => await CreateAsync();

    public async ValueTask<DbConnection> ConnectAsync()
    {
        var connection = new SqliteConnection($"Data Source={_directory.File()};Pooling=False");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        return connection;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var store in _stores)
        {
            await store.DisposeAsync();
        }

        _directory.Dispose();
    }
}

public sealed class SqliteEnqueueing : Enqueueing<SqliteStores>;

public sealed class SqliteGroups : Groups<SqliteStores>;

public sealed class SqliteClaiming : Claiming<SqliteStores>;

public sealed class SqliteDispatching : Dispatching<SqliteStores>;

public sealed class SqliteSettling : Settling<SqliteStores>;

public sealed class SqliteSettlingWithin : SettlingWithin<SqliteStores>;

public sealed class SqliteRefusing : Refusing<SqliteStores>;

public sealed class SqliteGivingBack : GivingBack<SqliteStores>;

public sealed class SqliteUniqueKeys : UniqueKeys<SqliteStores>;

public sealed class SqliteExpiring : Expiring<SqliteStores>;

public sealed class SqliteCancelling : Cancelling<SqliteStores>;

public sealed class SqliteRetrying : Retrying<SqliteStores>;

public sealed class SqliteDeleting : Deleting<SqliteStores>;

public sealed class SqliteWorkers : Workers<SqliteStores>;

public sealed class SqliteUpkeepLeases : UpkeepLeases<SqliteStores>;

public sealed class SqliteRescuing : Rescuing<SqliteStores>;

public sealed class SqlitePromoting : Promoting<SqliteStores>;

public sealed class SqlitePruning : Pruning<SqliteStores>;

public sealed class SqliteRetaining : Retaining<SqliteStores>;

public sealed class SqliteQueues : Queues<SqliteStores>;

public sealed class SqliteBrowsing : Browsing<SqliteStores>;

public sealed class SqliteRepeating : Repeating<SqliteStores>;

public sealed class SqliteAgreesWithTheModel : AgreesWithTheModel<SqliteStores>;

public sealed class SqliteAnswersAsRecorded : AnswersAsRecorded<SqliteStores>
{
    protected override int Tried => 100;
}
