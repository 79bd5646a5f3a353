namespace Simmer.Tests.Workflows.OnSqlite;

public sealed class Chains() : ChainTests(durable: true);

public sealed class Groups() : GroupTests(durable: true);

public sealed class Results() : ResultTests(durable: true);

public sealed class Graphs() : GraphTests(durable: true);

public sealed class AddedSteps() : AddedStepsTests(durable: true);

public sealed class Refusals() : RefusalTests(durable: true);

public sealed class StepOptions() : StepOptionsTests(durable: true);

public sealed class Steering() : SteeringTests(durable: true);
