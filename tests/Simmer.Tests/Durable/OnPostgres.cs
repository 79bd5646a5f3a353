namespace Simmer.Tests.Durable.OnPostgres;

public sealed class CompleteWithin : CompleteWithinTests<PostgresJobs>;

public sealed class LateWorker : LateWorkerTests<PostgresJobs>;

public sealed class CompleteWithinWorkflow : CompleteWithinWorkflowTests<PostgresJobs>;
