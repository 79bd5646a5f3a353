using Simmer.Tests.Durable;

namespace Simmer.Tests.PlugIns;

[CollectionDefinition(PlugInTests.Alone, DisableParallelization = true)]
public sealed class Alone;

public sealed class PlugInsInMemory() : PlugInTests(null);

public sealed class PlugInsOnSqlite() : PlugInTests(new SqliteJobs());

public sealed class PlugInsOnPostgres() : PlugInTests(new PostgresJobs());
