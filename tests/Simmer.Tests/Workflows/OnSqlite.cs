namespace Simmer.Tests.Workflows.OnSqlite;

public sealed class Chains() : ChainTests(durable: true);

public sealed class Groups() : GroupTests(durable: true);

public sealed class Results() : ResultTests(durable: true);
