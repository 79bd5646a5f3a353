namespace Simmer.Tests.Workflows.InMemory;

public sealed class Chains() : ChainTests(null);

public sealed class Groups() : GroupTests(null);

public sealed class Results() : ResultTests(null);

public sealed class Graphs() : GraphTests(null);

public sealed class AddedSteps() : AddedStepsTests(null);

public sealed class Refusals() : RefusalTests(null);

public sealed class StepOptions() : StepOptionsTests(null);

public sealed class Steering() : SteeringTests(null);
