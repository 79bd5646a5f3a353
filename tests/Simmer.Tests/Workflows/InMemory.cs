namespace Simmer.Tests.Workflows.InMemory;

public sealed class Chains() : ChainTests(durable: false);

public sealed class Groups() : GroupTests(durable: false);

public sealed class Results() : ResultTests(durable: false);
