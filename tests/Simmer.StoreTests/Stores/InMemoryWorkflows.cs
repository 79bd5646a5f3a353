using Simmer.StoreTests.Workflows;

namespace Simmer.StoreTests.Stores;

public sealed class InMemoryCancellingWorkflows : CancellingWorkflows<InMemory>;

public sealed class InMemoryRetryingSteps : RetryingSteps<InMemory>;
