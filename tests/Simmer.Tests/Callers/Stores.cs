using Simmer.Tests.Durable;

namespace Simmer.Tests.Callers;

public sealed class CallersContextInMemory() : CallersContextTests(null);

public sealed class CallersContextOnSqlite() : CallersContextTests(new SqliteJobs());

public sealed class CallersContextOnPostgres() : CallersContextTests(new PostgresJobs());
