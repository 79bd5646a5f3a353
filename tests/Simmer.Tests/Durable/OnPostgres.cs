namespace Simmer.Tests.Durable.OnPostgres;

public sealed class CompleteWithin : CompleteWithinTests<PostgresJobs>;

public sealed class LateWorker : LateWorkerTests<PostgresJobs>;

public sealed class AmbientScope : AmbientScopeTests<PostgresJobs>;

public sealed class AmbientScopeOnOwnSource : AmbientScopeTests<PostgresJobsOnOwnSource>;

public sealed class CompleteWithinWorkflow : CompleteWithinWorkflowTests<PostgresJobs>;

public sealed class GivenId : GivenIdTests<PostgresJobs>;

public sealed class DifferentLeases : DifferentLeasesTests<PostgresJobs>;

public sealed class NotKept : NotKeptElsewhereTests<PostgresJobs>;

public sealed class Sent : SentMessagesTests<PostgresJobs>;

public sealed class BlockedThreads : BlockedThreadsTests<PostgresJobs>;
