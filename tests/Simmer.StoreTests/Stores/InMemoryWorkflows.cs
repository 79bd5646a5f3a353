using Simmer.StoreTests.Graphs;
using Simmer.StoreTests.Workflows;

namespace Simmer.StoreTests.Stores;

public sealed class InMemoryStoring : Storing<InMemory>;

public sealed class InMemoryReleasing : Releasing<InMemory>;

public sealed class InMemoryGivenIds : GivenIds<InMemory>;

public sealed class InMemoryAdding : Adding<InMemory>;

public sealed class InMemoryUndoing : Undoing<InMemory>;

public sealed class InMemoryCancellingWorkflows : CancellingWorkflows<InMemory>;

public sealed class InMemoryRetryingSteps : RetryingSteps<InMemory>;

public sealed class InMemoryDeletingWorkflows : DeletingWorkflows<InMemory>;

public sealed class InMemoryPruningWorkflows : PruningWorkflows<InMemory>;

public sealed class InMemoryBrowsingWorkflows : BrowsingWorkflows<InMemory>;

public sealed class InMemoryExpiringSteps : ExpiringSteps<InMemory>;

public sealed class InMemoryHammering : Hammering<InMemory>;

public sealed class InMemoryEndsByItsRules : EndsByItsRules<InMemory>;
