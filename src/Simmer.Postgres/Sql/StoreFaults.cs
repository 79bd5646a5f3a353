using System.Net.Sockets;
using Npgsql;

namespace Simmer.Postgres;

/// <summary>Errors of the server and of the way to it as <see cref="StoreException"/>: what was wrong, what was kept, and the way
/// out.</summary>
internal static class StoreFaults
{
    /// <param name="exception">The error.</param>
    /// <param name="server">The server's address.</param>
    /// <param name="begun">Whether statements were sent; else no connection could be had.</param>
    public static Exception From(Exception exception, string server, bool begun) => exception switch
    {
        StoreException or OperationCanceledException or ObjectDisposedException => exception,
        PostgresException refused => Of(refused, server, mayBeDone: begun),
        NpgsqlException { InnerException: TimeoutException } or TimeoutException when !begun => new StoreException(
            $"No connection to PostgreSQL at {server} within the connection string's Timeout: the server does not answer, or all "
                + "connections of the pool are in use. " +
            $"Raise 'Maximum Pool Size', or look for code that keeps connections. Npgsql said: {exception.Message}", isTransient: true,
                inner: exception),
        NpgsqlException or TimeoutException or IOException or SocketException => new StoreException(
            begun
                ? $"The connection to PostgreSQL at {server} was lost; whether the last transaction was committed is not known. It is "
                    + $"opened anew at the next call. Npgsql said: {exception.Message}"
                : $"PostgreSQL at {server} cannot be reached; this attempt wrote nothing. Npgsql said: {exception.Message}",
            isTransient: true, outcomeUnknown: begun, inner: exception),
        _ when exception.ToString().Contains("NpgsqlSlimDataSourceBuilder", StringComparison.Ordinal) => new StoreException(
            $"The data source for PostgreSQL at {server} was made by NpgsqlSlimDataSourceBuilder, which leaves out what the store needs: "
                + "make it with NpgsqlDataSourceBuilder, call EnableArrays() on the slim one, or give UsePostgres a connection string. " +
            $"Npgsql said: {exception.Message}", inner: exception),
        _ => new StoreException($"The PostgreSQL store failed on {server}: {exception.Message}", inner: exception),
    };

    /// <summary>Errors while reading: there is nothing that could have been written.</summary>
    public static Exception FromRead(Exception exception, string server) => exception switch
    {
        PostgresException refused => Of(refused, server, mayBeDone: false),
        NpgsqlException or TimeoutException or IOException or SocketException => new StoreException(
            $"The connection to PostgreSQL at {server} was lost while it was read from. It is opened anew at the next call. Npgsql said: "
                + $"{exception.Message}", isTransient: true, inner: exception),
        _ => From(exception, server, begun: true),
    };

    /// <summary>Errors inside a caller's own transaction, whose commit is the caller's: what was to be stored in it is not.</summary>
    public static Exception FromWithin(Exception exception, string server) => exception switch
    {
        PostgresException { SqlState: PostgresErrorCodes.InFailedSqlTransaction } refused => new StoreException(
            $"The caller's transaction on PostgreSQL at {server} had failed before Simmer was called: a statement of the application's "
                + "was refused in it (a unique key that is there already, for example), and the server takes " +
            $"nothing more until it is rolled back. Nothing of it is stored: look at that statement's own error, roll the transaction "
                + $"back, and begin another. PostgreSQL said: {refused.MessageText} ({refused.SqlState})", inner: refused),
        PostgresException refused => Of(refused, server, mayBeDone: false),
        NpgsqlException or TimeoutException or IOException or SocketException => new StoreException(
            $"The connection of the caller's transaction to PostgreSQL at {server} was lost before its commit, so the server rolls the "
                + $"transaction back: nothing of it is stored. Begin anew. Npgsql said: {exception.Message}",
            isTransient: true, inner: exception),
        _ => From(exception, server, begun: true),
    };

    /// <summary>Whether an error is about the one operation that met it, so that what this wrote is undone and its neighbours go on. Any
    /// code may be: a trigger can raise whatever it likes. Only an error that ends the session, or that is about the server as a whole,
    /// concerns all operations. A lock that cannot be had is handled elsewhere.</summary>
    public static bool IsAboutOneOperation(this Exception exception) => exception switch
    {
        PostgresException refused => refused.InvariantSeverity == "ERROR" && refused.SqlState != PostgresErrorCodes.LockNotAvailable
            && (refused.Routine == RaisedByTrigger || !IsAboutServer(refused.SqlState)),
        NpgsqlException or TimeoutException or IOException or SocketException or OperationCanceledException or ObjectDisposedException
            or OutOfMemoryException or StoreException => false,

        // A row that cannot be read, or a name that has no number.
        _ => true,
    };

    /// <summary>The server's routine behind RAISE. An error of that has whatever code its author chose.</summary>
    private const string RaisedByTrigger = "exec_stmt_raise";

    // No room, no memory, going down, a broken disk, read-only, a plan or a prepared statement that is out of date.
    private static bool IsAboutServer(string code) => code.AsSpan(0, 2) is "08" or "25" or "53" or "58"
        || (code.StartsWith("57", StringComparison.Ordinal) && code != PostgresErrorCodes.QueryCanceled)
        || code is PostgresErrorCodes.FeatureNotSupported or PostgresErrorCodes.InvalidSqlStatementName;

    /// <summary>Why an operation was refused, as the answer to it.</summary>
    /// <param name="exception">The refusal.</param>
    /// <param name="what">What was refused, as the beginning of a sentence.</param>
    public static StoreException Refusal(Exception exception, string what) => exception is PostgresException refused
        ? new StoreException($"The database refused {what}: {refused.MessageText} "
            + $"({refused.SqlState}{(refused.ConstraintName is { } constraint ? $", {constraint}" : "")})", IsTransient(refused),
            inner: refused)
        : new StoreException($"{char.ToUpperInvariant(what[0])}{what[1..]} cannot be carried out: {exception.Message}", inner: exception);

    private static StoreException Of(PostgresException refused, string server, bool mayBeDone)
    {
        var said = $"PostgreSQL said: {refused.MessageText} ({refused.SqlState})";

        // A server that goes down may have committed before it said so.
        var unknown = mayBeDone && refused.InvariantSeverity is "FATAL" or "PANIC";
        if (unknown)
        {
            return new($"PostgreSQL at {server} ended the connection; whether the last transaction was committed is not known. It is "
                + $"opened anew at the next call. {said}", IsTransient(refused), unknown, refused);
        }

        return refused.SqlState switch
        {
            PostgresErrorCodes.DiskFull => new(
                $"A disk of PostgreSQL at {server} is full; this attempt wrote nothing, and what was stored before is kept. " +
                $"Settlements are repeated by the engine, enqueues are refused: free space on the server, and the store goes on by "
                    + $"itself. {said}",
                isTransient: true, inner: refused),
            PostgresErrorCodes.SerializationFailure => new(
                $"A row on PostgreSQL at {server} has changed since the transaction took its snapshot, so what needs it cannot be "
                    + "written in this transaction; nothing of it was. " +
                $"Roll the transaction back and repeat it whole in a new one, or use the isolation level ReadCommitted, which has no "
                    + $"such snapshot. {said}",
                isTransient: true, inner: refused),
            PostgresErrorCodes.UniqueViolation => new(
                $"PostgreSQL at {server} refused a statement over the unique constraint '{refused.ConstraintName}' of table "
                    + $"'{refused.SchemaName}.{refused.TableName}'; this attempt wrote nothing. " +
                $"If that is a table of the application's, a trigger wrote to it. {said}", inner: refused),
            PostgresErrorCodes.DeadlockDetected => new(
                $"Two transactions on PostgreSQL at {server} waited for each other, and this one was ended; this attempt wrote nothing. "
                    + $"Try again. {said}", isTransient: true, inner: refused),
            PostgresErrorCodes.LockNotAvailable => new(
                $"Another transaction on PostgreSQL at {server} holds what this one needs; this attempt wrote nothing. Look for a "
                    + $"transaction that is kept open: SELECT * FROM pg_stat_activity WHERE state = 'idle in transaction'. {said}",
                isTransient: true, inner: refused),
            PostgresErrorCodes.TooManyConnections => new(
                $"PostgreSQL at {server} has no connection left. Raise max_connections, lower 'Maximum Pool Size' of the applications, "
                    + $"or put a pooler in between. {said}", isTransient: true, inner: refused),
            _ when IsReadOnly(refused) => new(
                $"PostgreSQL at {server} is read-only: a standby, or a primary that has become one. Give Host a list of servers and "
                    + $"'Target Session Attributes=primary'. {said}", isTransient: true, inner: refused),
            PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName => new(
                $"Simmer's tables are missing in PostgreSQL at {server}. Let the store make them (Migrate = true), or run the SQL that "
                    + $"PostgresSchema.Script gives. {said}", inner: refused),
            PostgresErrorCodes.InsufficientPrivilege => new(
                $"The role lacks rights that Simmer needs in PostgreSQL at {server}: USAGE on the schema and SELECT, INSERT, UPDATE, "
                    + $"DELETE on its tables; ownership to migrate and to make partitions. {said}", inner: refused),
            PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification
                or PostgresErrorCodes.InvalidCatalogName => new(
                $"PostgreSQL at {server} refused the login. Check Username, Password and Database in the connection string, and what "
                    + $"pg_hba.conf allows. {said}", inner: refused),
            _ => new($"PostgreSQL at {server} refused a statement; this attempt wrote nothing. {said}", IsTransient(refused),
                inner: refused),
        };
    }

    /// <summary>Whether it is a standby, or a server that takes no writes now. A standby refuses to begin a transaction that writes as
    /// something that it does not support.</summary>
    private static bool IsReadOnly(PostgresException refused) => refused.SqlState == PostgresErrorCodes.ReadOnlySqlTransaction
        || (refused.SqlState == PostgresErrorCodes.FeatureNotSupported && refused.Routine?.Replace("_", "", StringComparison.Ordinal)
            .Contains("ReadOnly", StringComparison.OrdinalIgnoreCase) == true);

    private static bool IsTransient(PostgresException refused) => refused.IsTransient || refused.InvariantSeverity is "FATAL" or "PANIC"
        || refused.SqlState.AsSpan(0, 2) is "08" or "53" or "57" or "58" || refused.SqlState is PostgresErrorCodes.InFailedSqlTransaction;
}
