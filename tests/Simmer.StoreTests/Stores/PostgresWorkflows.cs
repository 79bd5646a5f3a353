using Simmer.StoreTests.Damage;
using Simmer.StoreTests.Graphs;
using Simmer.StoreTests.Workflows;

namespace Simmer.StoreTests.Stores;

public sealed class PostgresStoring : Storing<PostgresStores>;

public sealed class PostgresReleasing : Releasing<PostgresStores>;

public sealed class PostgresGivenIds : GivenIds<PostgresStores>;

public sealed class PostgresAdding : Adding<PostgresStores>;

public sealed class PostgresUndoing : Undoing<PostgresStores>;

public sealed class PostgresCancellingWorkflows : CancellingWorkflows<PostgresStores>;

public sealed class PostgresRetryingSteps : RetryingSteps<PostgresStores>;

public sealed class PostgresDeletingWorkflows : DeletingWorkflows<PostgresStores>;

public sealed class PostgresPruningWorkflows : PruningWorkflows<PostgresStores>;

public sealed class PostgresBrowsingWorkflows : BrowsingWorkflows<PostgresStores>;

public sealed class PostgresDamagedSteps : DamagedSteps<PostgresStores>;

public sealed class PostgresExpiringSteps : ExpiringSteps<PostgresStores>;

public sealed class PostgresHammering : Hammering<PostgresStores>;

public sealed class PostgresEndsByItsRules : EndsByItsRules<PostgresStores>
{
    protected override int UsualGraphs => 60;
}
