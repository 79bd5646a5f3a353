using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Simmer.Storage;

namespace Simmer.Sqlite;

/// <summary>The file: where it is, and how each kind of connection to it is opened.</summary>
internal sealed class SqliteDatabase
{
    private const string DataDirectory = "|DataDirectory|";

    private readonly SqliteStoreOptions _options;
    private readonly ILogger _logger;

    public SqliteDatabase(string connectionString, SqliteStoreOptions options, ILogger logger)
    {
        (_options, _logger) = (options, logger);
        var builder = Parsed(connectionString);
        var source = builder.DataSource;
        if (source.Length == 0 || source == ":memory:" || builder.Mode == SqliteOpenMode.Memory)
        {
            throw new ArgumentException(
                $"The connection string names no file{(source.Length == 0 ? null : ", but a database in memory")}. Give \"Data "
                + "Source=jobs.db\"; for jobs in memory use an in-memory queue.", nameof(connectionString));
        }

        if (source.StartsWith("file:", StringComparison.OrdinalIgnoreCase) || builder.Mode == SqliteOpenMode.ReadOnly
            || builder.Password.Length > 0)
        {
            throw new ArgumentException(
                $"The data source '{source}' is a URI, read-only or encrypted; Simmer needs a plain file that it may write, such as "
                + "\"Data Source=jobs.db\".", nameof(connectionString));
        }

        source = Placed(source);
        (Name, Path) = (System.IO.Path.GetFullPath(source), RealPath.Of(source));
    }

    private static SqliteConnectionStringBuilder Parsed(string connectionString)
    {
        try
        {
            return new SqliteConnectionStringBuilder(connectionString);
        }
        catch (ArgumentException e)
        {
            // A mere path is the commonest slip. A text with a key in it may hold a password as well, so it is not shown.
            throw new ArgumentException(
                connectionString.Contains('=', StringComparison.Ordinal)
                    ? $"The connection string is not one of Microsoft.Data.Sqlite: {e.Message} Give \"Data Source=jobs.db\"."
                    : $"'{connectionString}' is no connection string: it names no key. Give \"Data Source={connectionString}\".",
                nameof(connectionString), e);
        }
    }

    /// <summary>Where Microsoft.Data.Sqlite would open it: an application that sets a data directory means the same file by the same
    /// connection string.</summary>
    private static string Placed(string source)
    {
        if (AppDomain.CurrentDomain.GetData("DataDirectory") is not string { Length: > 0 } directory)
        {
            return source.StartsWith(DataDirectory, StringComparison.OrdinalIgnoreCase)
                ? throw new ArgumentException(
                    $"The data source '{source}' names the application's data directory, and there is none. Set it with "
                    + "AppDomain.CurrentDomain.SetData(\"DataDirectory\", ...), or give the file's path.")
                : source;
        }

        return source.StartsWith(DataDirectory, StringComparison.OrdinalIgnoreCase)
            ? System.IO.Path.Combine(directory, source[DataDirectory.Length..])
            : System.IO.Path.IsPathRooted(source) ? source : System.IO.Path.Combine(directory, source);
    }

    /// <summary>The name it was given, in full.</summary>
    public string Name { get; }

    /// <summary>Where it is: behind all symbolic links, as SQLite finds it, so that the files beside it are those of all who share
    /// it.</summary>
    public string Path { get; }

    public string SignalPath => Path + "-wake";

    /// <summary>The migrations to apply; tests give their own.</summary>
    public IReadOnlyList<Migration> Migrations { get; init; } = Migrator.Embedded;

    /// <summary>For tests: called with every connection that is opened.</summary>
    public Action<SqliteSession>? Watch { get; init; }

    /// <summary>Opens the writer's connection and brings the schema up to date.</summary>
    public SqliteSession OpenWriter(bool create)
    {
        // To turn the WAL on, a connection must be alone on the file, and SQLite gives up at once where two try. So they take turns.
        using var turnstile = new Turnstile(Path);
        var wait = new ShortWait(_options.LockTimeout, new Random(Environment.TickCount));
        while (!turnstile.TryEnter())
        {
            if (!wait.Wait())
            {
                throw StoreFaults.Locked(Path, _options.LockTimeout);
            }
        }

        var session = Open(create);
        try
        {
            // Before the first table, or it has no effect.
            session.Execute("PRAGMA auto_vacuum = INCREMENTAL");
            var mode = session.Scalar("PRAGMA journal_mode = WAL");
            if (mode != "wal")
            {
                throw new StoreException(
                    $"The SQLite database '{Path}' cannot use a write-ahead log (journal mode '{mode}'); put it on a local disk of this "
                    + "machine.");
            }

            Configure(session);
            session.Execute("BEGIN IMMEDIATE");
            var schema = new Migrator(Path, Migrations, _logger).Apply(session);
            session.Execute("COMMIT");
            session.Execute("PRAGMA busy_timeout = 0");
            Log.Opened(_logger, Path, session.Scalar("SELECT sqlite_version()") ?? "", _options.Synchronous, schema);
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Opens the heartbeat's connection.</summary>
    public SqliteSession OpenBeat()
    {
        var session = Open(create: false);
        Configure(session);
        session.Execute("PRAGMA busy_timeout = 0");
        return session;
    }

    /// <summary>Opens a connection that only reads.</summary>
    public SqliteSession OpenReader()
    {
        var session = Open(create: false);
        session.Execute("PRAGMA cache_size = -8192; PRAGMA temp_store = MEMORY; PRAGMA query_only = ON");
        return session;
    }

    /// <summary>Opens a connection for checkpoints.</summary>
    public SqliteSession OpenCheckpoints()
    {
        var session = Open(create: false);
        session.Execute("PRAGMA busy_timeout = 0");
        session.Execute(Synchronous);
        return session;
    }

    private string Synchronous =>
        _options.Synchronous == SqliteSynchronous.Full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL";

    private SqliteSession Open(bool create)
    {
        if (NetworkMounts.TypeOf(Path) is { } network)
        {
            throw new StoreException(
                $"The SQLite database '{Path}' is on {network}. SQLite's write-ahead log keeps its index in memory shared by processes "
                    + "of one machine, so on a network mount two machines would destroy the file. Put it on a local disk, or use a "
                    + "database server.");
        }

        var session = new SqliteSession(Path, create);
        Watch?.Invoke(session);
        session.Execute(string.Create(CultureInfo.InvariantCulture,
            $"PRAGMA busy_timeout = {(long)Math.Max(1000, _options.LockTimeout.TotalMilliseconds)}"));
        return session;
    }

    private void Configure(SqliteSession session)
    {
        // The limit keeps the WAL from being cut: it is written over instead of growing again. A sync that must note the file's new length
        // takes twice as long. Pages of 2 or 8 KB, and a file without auto_vacuum, made no difference.
        session.Execute(Synchronous);
        session.Execute("PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 4000; PRAGMA "
            + "journal_size_limit = 67108864");
    }
}
