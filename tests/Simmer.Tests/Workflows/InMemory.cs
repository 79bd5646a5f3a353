namespace Simmer.Tests.Workflows.InMemory;

public sealed class Chains() : ChainTests(durable: false);

public sealed class Groups() : GroupTests(durable: false);

public sealed class Results() : ResultTests(durable: false);

public sealed class Graphs() : GraphTests(durable: false);

public sealed class AddedSteps() : AddedStepsTests(durable: false);

public sealed class Refusals() : RefusalTests(durable: false);

public sealed class StepOptions() : StepOptionsTests(durable: false);

public sealed class Steering() : SteeringTests(durable: false);
