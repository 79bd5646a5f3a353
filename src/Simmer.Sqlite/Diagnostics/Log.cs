using Microsoft.Extensions.Logging;

namespace Simmer.Sqlite;

/// <summary>What this store logs.</summary>
internal static partial class Log
{
    [LoggerMessage(2001, LogLevel.Information,
        "SQLite store on '{Path}' is open, SQLite {Version}, synchronous {Synchronous}, schema {Schema}.")]
    public static partial void Opened(ILogger logger, string path, string version, SqliteSynchronous synchronous, long schema);

    [LoggerMessage(2002, LogLevel.Warning,
        "The SQLite database '{Path}' has schema {Found}, newer than the {Known} this version of Simmer knows; nothing in it is "
        + "breaking, so it goes on. Update this process soon.")]
    public static partial void NewerSchema(ILogger logger, string path, long found, long known);

    [LoggerMessage(2003, LogLevel.Warning,
        "The connection to the SQLite database '{Path}' is closed after an error and opened anew at the next call.")]
    public static partial void ConnectionReopened(ILogger logger, Exception exception, string path);

    [LoggerMessage(2004, LogLevel.Warning,
        "Changes by other processes are found by polling every 10 ms, because '{Path}' cannot be watched.")]
    public static partial void WatcherFailed(ILogger logger, Exception exception, string path);

    [LoggerMessage(2005, LogLevel.Critical,
        "'{Name}' was deleted, moved or replaced while the SQLite database '{Path}' was open: what is written now would be lost, so "
        + "nothing is acknowledged and no job runs. Put it back, or restart the process to begin with what is there.")]
    public static partial void FileGone(ILogger logger, string name, string path);

    [LoggerMessage(2006, LogLevel.Debug, "A checkpoint of the SQLite database '{Path}' failed; it is tried again after the next commit.")]
    public static partial void CheckpointFailed(ILogger logger, Exception exception, string path);

    [LoggerMessage(2007, LogLevel.Error,
        "The end of job {Job} (run {Run}) was refused by the database: nothing of it is stored. It is kept and sent again.")]
    public static partial void SettlementRefused(ILogger logger, Exception exception, JobId job, int run);

    [LoggerMessage(2008, LogLevel.Information, "Applied migration {Version} ({Name}) to the SQLite database '{Path}'.")]
    public static partial void Migrated(ILogger logger, long version, string name, string path);

    [LoggerMessage(2009, LogLevel.Critical,
        "The SQLite database '{Path}' is damaged: this process reads and writes it no more, and no job runs. Stop every process that "
        + "uses it, then restore a backup or save what can be read with: sqlite3 '{Path}' .recover")]
    public static partial void FileDamaged(ILogger logger, Exception exception, string path);

    [LoggerMessage(2010, LogLevel.Warning, "The SQLite database '{Path}' has its files back and is used again.")]
    public static partial void FileBack(ILogger logger, string path);

    [LoggerMessage(2030, LogLevel.Warning,
        "Names of queues or kinds were taken out of the SQLite database '{Path}'. They are put back with their numbers where those are "
        + "free, and nothing is stored under a number that is not theirs. Queues that were paused are not any more.")]
    public static partial void NamesGone(ILogger logger, string path);

    [LoggerMessage(2011, LogLevel.Warning,
        "The database refused a text (an error, a reason or progress) at the end of job {Job} (run {Run}); a mark stands in its place, "
        + "and the outcome is stored.")]
    public static partial void TextRefused(ILogger logger, Exception exception, JobId job, int run);

    [LoggerMessage(2012, LogLevel.Warning, "The database refused the progress of job {Job} (run {Run}); the job goes on without it.")]
    public static partial void ProgressRefused(ILogger logger, Exception exception, JobId job, int run);

    [LoggerMessage(2013, LogLevel.Error,
        "The job with number {Seq} in '{Path}' could not be {What}, because the database refused it. The others were; it is left alone "
        + "for {Rest}.")]
    public static partial void Avoided(ILogger logger, Exception exception, long seq, string path, string what, TimeSpan rest);

    [LoggerMessage(2014, LogLevel.Error,
        "Job or workflow {Id}, which has ended, could not be pruned from '{Path}', because the database refused it. The rest was; it is "
        + "tried again in {Rest}.")]
    public static partial void PruneRefused(ILogger logger, Exception exception, JobId id, string path, TimeSpan rest);

    [LoggerMessage(2015, LogLevel.Error,
        "Job {Job} (run {Run}) of a worker that is gone could not be taken back, because the database refused it. The others were; it is "
        + "tried again.")]
    public static partial void RescueRefused(ILogger logger, Exception exception, JobId job, int run);
}
