using Simmer.StoreTests.Damage;
using Simmer.StoreTests.Graphs;
using Simmer.StoreTests.Workflows;

namespace Simmer.StoreTests.Stores;

public sealed class SqliteStoring : Storing<SqliteStores>;

public sealed class SqliteReleasing : Releasing<SqliteStores>;

public sealed class SqliteGivenIds : GivenIds<SqliteStores>;

public sealed class SqliteAdding : Adding<SqliteStores>;

public sealed class SqliteUndoing : Undoing<SqliteStores>;

public sealed class SqliteCancellingWorkflows : CancellingWorkflows<SqliteStores>;

public sealed class SqliteRetryingSteps : RetryingSteps<SqliteStores>;

public sealed class SqliteDeletingWorkflows : DeletingWorkflows<SqliteStores>;

public sealed class SqlitePruningWorkflows : PruningWorkflows<SqliteStores>;

public sealed class SqliteBrowsingWorkflows : BrowsingWorkflows<SqliteStores>;

public sealed class SqliteDamagedSteps : DamagedSteps<SqliteStores>;

public sealed class SqliteExpiringSteps : ExpiringSteps<SqliteStores>;

public sealed class SqliteHammering : Hammering<SqliteStores>;

public sealed class SqliteEndsByItsRules : EndsByItsRules<SqliteStores>
{
    protected override int UsualGraphs => 100;
}
