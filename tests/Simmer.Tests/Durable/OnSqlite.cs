namespace Simmer.Tests.Durable.OnSqlite;

public sealed class CompleteWithin : CompleteWithinTests<SqliteJobs>;

public sealed class LateWorker : LateWorkerTests<SqliteJobs>;

public sealed class AmbientScope : AmbientScopeTests<SqliteJobs>;

public sealed class CompleteWithinWorkflow : CompleteWithinWorkflowTests<SqliteJobs>;

public sealed class GivenId : GivenIdTests<SqliteJobs>;

public sealed class DifferentLeases : DifferentLeasesTests<SqliteJobs>;

public sealed class NotKept : NotKeptElsewhereTests<SqliteJobs>;

public sealed class Sent : SentMessagesTests<SqliteJobs>;

public sealed class BlockedThreads : BlockedThreadsTests<SqliteJobs>;
