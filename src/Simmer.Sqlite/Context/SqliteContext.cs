using Microsoft.Extensions.Logging;
using Simmer.Storage;

namespace Simmer.Sqlite;

/// <summary>What all rooms of the store share: the database, its threads, and how work gets onto them.</summary>
internal sealed class SqliteContext
{
    /// <summary>The time by which leases are measured, as an SQL value: the database's own clock, unless a test gives the time.</summary>
    private static readonly Sql s_clock = new($"SELECT {SqliteClock.Ticks}");

    private readonly SqliteStoreOptions _options;
    private readonly WriterHints _hints;
    private SqliteThreads? _threads;

    public SqliteContext(SqliteDatabase database, SqliteStoreOptions options, ILogger logger)
    {
        (Database, _options, Logger) = (database, options, logger);
        var (waker, signals) = (new ThreadWaker(), new SignalFile(database.SignalPath));
        _hints = new WriterHints(waker, signals, new SqliteWakeups(database, waker, signals, logger), new OwnWorkers());
    }

    public SqliteDatabase Database { get; }

    public ILogger Logger { get; }

    /// <summary>The hints that another connection wrote.</summary>
    public SqliteWakeups Wakeups => _hints.Wakeups;

    /// <summary>The workers that are registered through this store.</summary>
    public OwnWorkers Workers => _hints.Workers;

    /// <summary>How long a write waits for another connection's transaction.</summary>
    public TimeSpan LockTimeout => _options.LockTimeout;

    /// <summary>The threads, once the store is open.</summary>
    /// <exception cref="StoreException">It is not open yet.</exception>
    public SqliteThreads Threads => _threads ?? throw StoreRules.NotStarted($"the SQLite database '{Database.Path}'");

    /// <summary>Starts the threads.</summary>
    /// <exception cref="IOException">A file beside the database cannot be opened.</exception>
    public void Open() => _threads ??= SqliteThreads.Open(Database, _options, Logger, _hints);

    /// <summary>Carries out what is queued, and ends the threads.</summary>
    public void Close()
    {
        _threads?.Close();
        Wakeups.Dispose();
    }

    /// <summary>Carries out an operation in a transaction of the writer.</summary>
    /// <param name="work">The operation.</param>
    /// <param name="cancellationToken">Gives up while it waits for its turn.</param>
    /// <param name="weight">About how many rows it touches.</param>
    public ValueTask<T> Write<T>(Func<SqliteSession, T> work, CancellationToken cancellationToken, int weight = 1) =>
        new(Threads.Writer.Post((session, _) => work(session), cancellationToken, weight));

    /// <summary>Runs an operation on many rows. If the database refuses one of them, the operation is carried out again carefully: each row
    /// behind a savepoint of its own.</summary>
    public ValueTask<T> WriteEach<T>(Func<SqliteSession, bool, T> work, CancellationToken cancellationToken, int weight = 1) =>
        new(Threads.Writer.Post((session, item) => work(session, item.Careful), cancellationToken, weight, careful: true));

    /// <summary>Reads for the engine, in one snapshot.</summary>
    public Task<T> Read<T>(Func<SqliteSession, T> work, CancellationToken cancellationToken) =>
        Read(Threads.Reader, work, cancellationToken);

    /// <summary>Reads for clients, in one snapshot.</summary>
    public Task<T> Browse<T>(Func<SqliteSession, T> work, CancellationToken cancellationToken) =>
        Read(Threads.Browser, work, cancellationToken);

    /// <summary>The present time by the clock of leases.</summary>
    public long LeaseTime(SqliteSession session, DateTimeOffset now) =>
        _options.LeaseClock == LeaseClock.Caller
            ? DbTime.Of(now)
            : session[s_clock].Number()
                ?? throw new InvalidOperationException(
                    "SQLite gave no time for unixepoch('subsec'): its library may be older than 3.42, which is the first that knows it.");

    /// <summary>Called before anything is stored under the number of a queue or a kind. Names that another program has deleted from the
    /// database are put back.</summary>
    public void ProveNames(SqliteSession session)
    {
        if (session.Names.Prove())
        {
            Log.NamesGone(Logger, Database.Path);
        }
    }

    private static Task<T> Read<T>(ReaderThread reader, Func<SqliteSession, T> work, CancellationToken cancellationToken) =>
        reader.Post((session, _) =>
        {
            session.Execute("BEGIN");
            var answer = work(session);
            session.Execute("COMMIT");
            return answer;
        }, cancellationToken);
}
