using Simmer.StoreTests.Workflows;

namespace Simmer.StoreTests.Stores;

public sealed class SqliteCancellingWorkflows : CancellingWorkflows<SqliteStores>;

public sealed class SqliteRetryingSteps : RetryingSteps<SqliteStores>;
