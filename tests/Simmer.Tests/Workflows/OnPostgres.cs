using Simmer.Tests.Durable;

namespace Simmer.Tests.Workflows.OnPostgres;

public sealed class Chains() : ChainTests(new PostgresJobs());

public sealed class Groups() : GroupTests(new PostgresJobs());

public sealed class Results() : ResultTests(new PostgresJobs());

public sealed class Graphs() : GraphTests(new PostgresJobs());

public sealed class AddedSteps() : AddedStepsTests(new PostgresJobs());

public sealed class Refusals() : RefusalTests(new PostgresJobs());

public sealed class StepOptions() : StepOptionsTests(new PostgresJobs());

public sealed class Steering() : SteeringTests(new PostgresJobs());

public sealed class DurableWorkflows : DurableWorkflowTests<PostgresJobs>;
