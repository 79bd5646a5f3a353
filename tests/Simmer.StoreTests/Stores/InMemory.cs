using Simmer.Storage;
using Simmer.Storage.InMemory;
using Simmer.StoreTests.Conformance;

namespace Simmer.StoreTests.Stores;

public sealed class InMemory : IStoreFactory
{
    public ValueTask<IJobStore> CreateAsync() => new(new InMemoryJobStore());

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

public sealed class InMemoryEnqueueing : Enqueueing<InMemory>;

public sealed class InMemoryGroups : Groups<InMemory>;

public sealed class InMemoryClaiming : Claiming<InMemory>;

public sealed class InMemoryDispatching : Dispatching<InMemory>;

public sealed class InMemorySettling : Settling<InMemory>;

public sealed class InMemoryGivingBack : GivingBack<InMemory>;

public sealed class InMemoryUniqueKeys : UniqueKeys<InMemory>;

public sealed class InMemoryExpiring : Expiring<InMemory>;

public sealed class InMemoryCancelling : Cancelling<InMemory>;

public sealed class InMemoryRetrying : Retrying<InMemory>;

public sealed class InMemoryDeleting : Deleting<InMemory>;

public sealed class InMemoryWorkers : Workers<InMemory>;

public sealed class InMemoryUpkeepLeases : UpkeepLeases<InMemory>;

public sealed class InMemoryRescuing : Rescuing<InMemory>;

public sealed class InMemoryPromoting : Promoting<InMemory>;

public sealed class InMemoryPruning : Pruning<InMemory>;

public sealed class InMemoryRetaining : Retaining<InMemory>;

public sealed class InMemoryQueues : Queues<InMemory>;

public sealed class InMemoryBrowsing : Browsing<InMemory>;

public sealed class InMemoryRepeating : Repeating<InMemory>;

public sealed class InMemoryAgreesWithTheModel : AgreesWithTheModel<InMemory>;

public sealed class InMemoryAnswersAsRecorded : AnswersAsRecorded<InMemory>;
