using Simmer.Tests.Durable;

namespace Simmer.Tests.Workflows.OnSqlite;

public sealed class Chains() : ChainTests(new SqliteJobs());

public sealed class Groups() : GroupTests(new SqliteJobs());

public sealed class Results() : ResultTests(new SqliteJobs());

public sealed class Graphs() : GraphTests(new SqliteJobs());

public sealed class AddedSteps() : AddedStepsTests(new SqliteJobs());

public sealed class Refusals() : RefusalTests(new SqliteJobs());

public sealed class StepOptions() : StepOptionsTests(new SqliteJobs());

public sealed class Steering() : SteeringTests(new SqliteJobs());

public sealed class DurableWorkflows : DurableWorkflowTests<SqliteJobs>;
