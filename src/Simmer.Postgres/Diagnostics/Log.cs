using Microsoft.Extensions.Logging;

namespace Simmer.Postgres;

/// <summary>What this store logs.</summary>
internal static partial class Log
{
    [LoggerMessage(3001, LogLevel.Information,
        "PostgreSQL store on {Server} is open: PostgreSQL {Version}, schema '{Schema}' version {SchemaVersion}, wakeup {Wakeup}.")]
    public static partial void Opened(ILogger logger, string server, string version, string schema, long schemaVersion,
        PostgresWakeup wakeup);

    [LoggerMessage(3002, LogLevel.Warning,
        "The schema '{Schema}' in PostgreSQL at {Server} has version {Found}, newer than the {Known} this version of Simmer knows; "
        + "nothing in it is breaking, so it goes on. Update this process soon.")]
    public static partial void NewerSchema(ILogger logger, string schema, string server, long found, long known);

    [LoggerMessage(3003, LogLevel.Information, "Applied migration {Version} ({Name}) to the schema '{Schema}' in PostgreSQL at {Server}.")]
    public static partial void Migrated(ILogger logger, long version, string name, string schema, string server);

    [LoggerMessage(3004, LogLevel.Error,
        "The end of job {Job} (run {Run}) was refused by the database: nothing of it is stored. It is kept and sent again.")]
    public static partial void SettlementRefused(ILogger logger, Exception exception, JobId job, int run);

    [LoggerMessage(3016, LogLevel.Warning,
        "The database refused a text (an error, a reason or progress) at the end of job {Job} (run {Run}); a mark stands in its place, "
        + "and the outcome is stored.")]
    public static partial void TextRefused(ILogger logger, Exception exception, JobId job, int run);

    [LoggerMessage(3017, LogLevel.Warning, "The database refused the progress of job {Job} (run {Run}); the job goes on without it.")]
    public static partial void ProgressRefused(ILogger logger, Exception exception, JobId job, int run);

    [LoggerMessage(3018, LogLevel.Error,
        "Job {Job} (run {Run}) of a worker that is gone could not be taken back, because the database refused it. The others were; it is "
        + "tried again.")]
    public static partial void RescueRefused(ILogger logger, Exception exception, JobId job, int run);

    [LoggerMessage(3019, LogLevel.Error,
        "Job {Job} could not be {What}, because the database refused it. The others were; it is left alone for {Rest}.")]
    public static partial void Avoided(ILogger logger, Exception exception, JobId job, string what, TimeSpan rest);

    [LoggerMessage(3021, LogLevel.Warning,
        "The database of the schema '{Schema}' in PostgreSQL at {Server} has the encoding {Encoding}: texts with characters that it "
        + "lacks cannot be stored. An enqueue with one in a key, a name or a tag is refused; of errors, reasons and progress a mark is "
        + "stored in their place. Move to a database with the encoding UTF8.")]
    public static partial void NotUtf8(ILogger logger, string schema, string server, string encoding);

    [LoggerMessage(3005, LogLevel.Warning,
        "The clock of PostgreSQL at {Server} is ahead of this process's by {Skew} (negative: behind). Leases, delays, retention and "
        + "expiry go by the server's clock; only due times that are given as a time of this process's clock are that much off. Let both "
        + "follow a time server.")]
    public static partial void ClockSkewed(ILogger logger, string server, TimeSpan skew);

    [LoggerMessage(3006, LogLevel.Information,
        "The clocks of PostgreSQL at {Server} and of this process agree again (the server is ahead by {Skew}).")]
    public static partial void ClockAgrees(ILogger logger, string server, TimeSpan skew);

    [LoggerMessage(3007, LogLevel.Warning,
        "The connection that listens on PostgreSQL at {Server} was lost; work by other processes is found by polling until it is back.")]
    public static partial void ListenerLost(ILogger logger, Exception exception, string server);

    [LoggerMessage(3008, LogLevel.Information, "Listening on PostgreSQL at {Server} again.")]
    public static partial void ListenerBack(ILogger logger, string server);

    [LoggerMessage(3009, LogLevel.Debug, "A notification on PostgreSQL at {Server} could not be sent; others find the work by polling.")]
    public static partial void NotNotified(ILogger logger, Exception exception, string server);

    [LoggerMessage(3010, LogLevel.Warning,
        "The pool of the NpgsqlDataSource for {Server} has {Size} connections, and this worker runs up to {Concurrency} jobs at once "
        + "beside the {Own} connections of the store: handlers that take one each may wait for each other. Raise 'Maximum Pool Size', "
        + "lower the queues' concurrency, or give UsePostgres a connection string for a pool of its own.")]
    public static partial void ShortPool(ILogger logger, string server, int size, int concurrency, int own);

    [LoggerMessage(3011, LogLevel.Information,
        "Dropped the partition {Partition} of the history whose time was over (jobs: about {Rows}).")]
    public static partial void PartitionDropped(ILogger logger, string partition, long rows);

    [LoggerMessage(3012, LogLevel.Debug, "The partition {Partition} of the history is in use, so it is changed at a later time: {Message}")]
    public static partial void PartitionInUse(ILogger logger, string partition, string message);

    [LoggerMessage(3013, LogLevel.Warning,
        "The role of the PostgreSQL store on {Server} does not own the tables of the schema '{Schema}', so it cannot vacuum them or make "
        + "partitions: that is left to autovacuum and to the tables' owner. Run the processes as the owner, or make partitions by a job "
        + "of your own.")]
    public static partial void NotOwner(ILogger logger, string server, string schema);

    [LoggerMessage(3014, LogLevel.Warning,
        "A session on PostgreSQL at {Server} has held an old snapshot for {Age}, so claimed rows cannot be cleared away and queues slow "
        + "down: pid {Pid}, user '{User}', application '{Application}', state '{State}', last query: {Query}")]
    public static partial void OldSnapshot(ILogger logger, string server, TimeSpan age, int pid, string user, string application,
        string state, string query);

    [LoggerMessage(3015, LogLevel.Debug, "A vacuum on PostgreSQL at {Server} failed; it is tried again later.")]
    public static partial void VacuumFailed(ILogger logger, Exception exception, string server);

    [LoggerMessage(3020, LogLevel.Warning,
        "What is notified on PostgreSQL at {Server} does not come to the connection that listens: most likely a pooler in transaction "
        + "mode is in between. Work by other processes is found by polling only. Set Wakeup to Poll, or give UsePostgres a connection "
        + "string that leads to the server directly.")]
    public static partial void ListenerDeaf(ILogger logger, string server);

    [LoggerMessage(3024, LogLevel.Warning,
        "PostgreSQL at {Server} refuses to make or to drop the partition {Partition} of the history: {Message} ({SqlState}). Ended jobs "
        + "of that day are kept all the same; what is not dropped takes room, and what has no partition of its own is deleted row by "
        + "row. It is tried again with each pruning, and not said again of this partition.")]
    public static partial void PartitionRefused(ILogger logger, string server, string partition, string message, string sqlState);

    [LoggerMessage(3030, LogLevel.Warning,
        "Names of queues or kinds were taken out of the schema '{Schema}' of PostgreSQL at {Server}, or it is another database by now. "
        + "They are put back with their numbers where those are free, and nothing is stored under a number that is not theirs. Queues "
        + "that were paused are not any more.")]
    public static partial void NamesGone(ILogger logger, string server, string schema);

    [LoggerMessage(3031, LogLevel.Warning,
        "PostgreSQL at {Server} has another schema '{Schema}' than before: the database was made anew. What had been stored in the old "
        + "one is not there; the store goes on with the new one.")]
    public static partial void OtherDatabase(ILogger logger, string server, string schema);

    [LoggerMessage(3032, LogLevel.Error,
        "The tables of the schema '{Schema}' are missing in PostgreSQL at {Server}, and could not be made. Nothing is stored until they "
        + "are there; it is tried again.")]
    public static partial void TablesNotMade(ILogger logger, Exception exception, string server, string schema);
}
