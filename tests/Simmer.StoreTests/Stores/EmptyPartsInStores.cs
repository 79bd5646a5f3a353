using Simmer.StoreTests.Workflows;

namespace Simmer.StoreTests.Stores;

public sealed class InMemoryEmptyParts : EmptyParts<InMemory>;

public sealed class SqliteEmptyParts : EmptyParts<SqliteStores>;

public sealed class PostgresEmptyParts : EmptyParts<PostgresStores>;
