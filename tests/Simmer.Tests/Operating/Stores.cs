using Simmer.Tests.Durable;

namespace Simmer.Tests.Operating;

public sealed class OperatorInMemory : OperatorTests<InMemoryJobs>;

public sealed class OperatorOnSqlite : OperatorTests<SqliteJobs>;

public sealed class OperatorOnPostgres : OperatorTests<PostgresJobs>;
