using static SQLitePCL.raw;

namespace Simmer.Sqlite;

/// <summary>Turns SQLite's errors into a <see cref="StoreException"/>: what was wrong, what was kept, and the way out.</summary>
internal static class StoreFaults
{
    public static StoreException Locked(string path, TimeSpan waited) => new(
        $"The SQLite database '{path}' was locked by another connection for {waited.TotalSeconds:0.###} s; this attempt wrote nothing. " +
        "If this call was awaited inside a transaction of your own on the same file, it waits for itself: enqueue with "
            + "Within(transaction), or after the commit. " +
        "Otherwise look for a program that keeps a write transaction open.",
        isTransient: true);

    public static StoreException From(Exception exception, string path, FaultPhase phase) => exception switch
    {
        StoreException store => store,
        SqliteFault fault => Of(fault, path, phase),
        IOException or UnauthorizedAccessException =>
            new StoreException($"A file of the SQLite database '{path}' cannot be used: {exception.Message}", isTransient: true,
                inner: exception),
        _ => new StoreException($"The SQLite store failed on '{path}': {exception.Message}", inner: exception),
    };

    /// <summary>Why an operation was refused, as the answer to it.</summary>
    /// <param name="refused">The refusal.</param>
    /// <param name="what">What was refused, as the middle of a sentence.</param>
    public static StoreException Refusal(Exception refused, string what) => refused is SqliteFault fault
        ? new StoreException($"The database refused {what}: {fault.SqliteMessage} ({fault.ExtendedCode})", inner: refused)
        : new StoreException($"{char.ToUpperInvariant(what[0])}{what[1..]} cannot be carried out: {refused.Message}", inner: refused);

    private static StoreException Of(SqliteFault fault, string path, FaultPhase phase)
    {
        var said = $"SQLite said: {fault.SqliteMessage} ({fault.ExtendedCode})";
        return fault.Code switch
        {
            SQLITE_FULL => new(
                $"The disk that holds the SQLite database '{path}' is full; this attempt wrote nothing, and what was stored before is "
                    + "kept. " +
                $"Settlements are repeated by the engine, enqueues are refused: free space on the disk, and the store goes on by itself. "
                    + $"{said}",
                isTransient: true, inner: fault),
            SQLITE_BUSY or SQLITE_LOCKED => new(
                $"The SQLite database '{path}' is locked by another connection; this attempt wrote nothing. A call inside a write "
                    + $"transaction of your own needs Within(transaction). {said}",
                isTransient: true, inner: fault),
            SQLITE_IOERR => new(
                $"Reading or writing the SQLite database '{path}' failed; "
                    + $"{(phase == FaultPhase.Committing
                        ? "whether the last transaction was committed is not known"
                        : "this attempt wrote nothing")}. " +
                $"Check the disk and its log; the connection is opened anew at the next call. {said}",
                isTransient: true, outcomeUnknown: phase == FaultPhase.Committing, inner: fault),
            SQLITE_NOMEM or SQLITE_INTERRUPT or SQLITE_PROTOCOL or SQLITE_SCHEMA => new(
                $"The SQLite database '{path}' could not be used this time. {said}", isTransient: true,
                    outcomeUnknown: phase == FaultPhase.Committing, inner: fault),
            SQLITE_CORRUPT or SQLITE_NOTADB => new(
                $"The file '{path}' is {(fault.Code == SQLITE_NOTADB ? "not a SQLite database" : "a damaged SQLite database")}. Stop "
                    + "every process that uses it, move it away with its '-wal' and '-shm' files, " +
                $"and restore a backup, or save what can be read with: sqlite3 '{path}' .recover. {said}",
                inner: fault),
            SQLITE_READONLY or SQLITE_PERM => new(
                $"The SQLite database '{path}' cannot be written. Give this process write permission for the file and its directory (the "
                    + $"'-wal', '-shm', '-turn' and '-wake' files stand there), and leave Mode=ReadOnly out of the connection string. "
                    + $"{said}",
                inner: fault),
            SQLITE_CANTOPEN => new(
                $"The SQLite database '{path}' cannot be opened. Its directory must exist and this process must be allowed to write "
                    + $"there. {said}",
                isTransient: phase != FaultPhase.Beginning, inner: fault),
            _ => new($"The SQLite database '{path}' refused a statement. {said}", inner: fault),
        };
    }
}
