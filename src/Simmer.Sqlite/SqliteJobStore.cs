using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Simmer.Storage;

namespace Simmer.Sqlite;

/// <summary>Jobs in a SQLite file: durable without a server, shared by the processes of one machine.</summary>
/// <remarks>One thread writes on one connection, and everything that waits for it shares a transaction and its sync. The heartbeat has a
/// thread and a connection of its own, and so have the engine's reads and those of clients: none of the latter is in the way of the former.
/// Each verb is in the partial file that bears its name, SQL and mapping together.</remarks>
internal sealed partial class SqliteJobStore : IJobStore, IJobBrowser, ITransactionalStore
{
    /// <summary>Marks a ready suspect in the database only: in a state of its own, so that an ordinary claim never walks over it.</summary>
    private const int ReadySuspect = 9;

    /// <summary>How many rows a sweep updates in one transaction.</summary>
    private const int SweepBatch = 500;

    private readonly SqliteDatabase _database;
    private readonly SqliteStoreOptions _options;
    private readonly ILogger _logger;
    private readonly FileGuard _guard;
    private readonly SqliteWakeups _wakeups;
    private readonly Random _random = new(RandomNumberGenerator.GetInt32(int.MaxValue));
    private MainWriter? _writer;
    private WriterThread? _beat;
    private ReaderThread? _reader;
    private ReaderThread? _browser;
    private Checkpointer? _checkpointer;
    private bool _disposed;

    public SqliteJobStore(string connectionString, SqliteStoreOptions options, ILogger logger)
        : this(new SqliteDatabase(connectionString, options, logger), options, logger)
    {
    }

    internal SqliteJobStore(SqliteDatabase database, SqliteStoreOptions options, ILogger logger)
    {
        (_database, _options, _logger) = (database, options, logger);
        _guard = new FileGuard(database.Path, database.Name, logger);
        _wakeups = new SqliteWakeups(_database, logger);
    }

    /// <inheritdoc/>
    public string Name => "sqlite";

    /// <inheritdoc/>
    public bool IsDurable => true;

    /// <inheritdoc/>
    public IJobBrowser Browser => this;

    /// <inheritdoc/>
    public IWakeups Wakeups => _wakeups;

    /// <summary>The writer, for tests.</summary>
    internal MainWriter Writer => _writer ?? throw NotOpen();

    private WriterThread Beat => _beat ?? throw NotOpen();

    private ReaderThread Reader => _reader ?? throw NotOpen();

    /// <inheritdoc/>
    public async ValueTask InitializeAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        try
        {
            var path = _database.Path;
            var create = true;
            _checkpointer = new Checkpointer(_database, _guard, _logger);
            _writer = new MainWriter(
                _database,
                () =>
                {
                    // Only at the start: opened anew, a file that is gone must not be replaced by an empty one.
                    var session = _database.OpenWriter(create);
                    create = false;
                    _guard.Opened();
                    return session;
                },
                _options.LockTimeout, new Random(_random.Next()), _logger, _wakeups, _checkpointer) { Guard = _guard };
            _beat = new WriterThread("simmer-sqlite-beat", path, _database.OpenBeat, _options.LockTimeout, new Random(_random.Next()),
                _logger) { Guard = _guard };
            _reader = new ReaderThread("simmer-sqlite-read", path, _database.OpenReader, _guard);
            _browser = new ReaderThread("simmer-sqlite-browse", path, _database.OpenReader, _guard);
            (_wakeups.Poke, _wakeups.Announce) = (_writer.Poke, _writer.Signals.Announce);
            _writer.Run();
            _beat.Run();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await DisposeAsync();
            throw new StoreException(
                $"The SQLite database '{_database.Path}' cannot be opened: {e.Message} Its directory must exist and this process must be "
                    + "allowed to write there, because the '-wal', '-shm', '-turn' and '-wake' files stand beside it.",
                inner: e);
        }

        // The first item opens the connection and applies the migrations.
        _ = await _writer.Post(static (_, _) => true, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        if (!_disposed)
        {
            _disposed = true;
            _writer?.Close();
            _beat?.Close();
            _reader?.Close();
            _browser?.Close();
            _checkpointer?.Close();
            _wakeups.Dispose();
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Runs a verb in a transaction of the writer.</summary>
    private ValueTask<T> Write<T>(Func<SqliteSession, T> work, CancellationToken cancellationToken, int weight = 1) =>
        new(Writer.Post((session, _) => work(session), cancellationToken, weight));

    /// <summary>The same for a verb that concerns many: refused, it is carried out again, each for itself.</summary>
    private ValueTask<T> WriteEach<T>(Func<SqliteSession, bool, T> work, CancellationToken cancellationToken, int weight = 1) =>
        new(Writer.Post((session, item) => work(session, item.Careful), cancellationToken, weight, careful: true));

    /// <summary>Does something for each of many: straight away, or carefully behind a savepoint each.</summary>
    /// <returns>Those that were refused, with the refusal; never any unless it is done carefully.</returns>
    private static List<(T Item, Exception Error)> ForEach<T>(SqliteSession session, IReadOnlyList<T> items, bool careful, Action<T> work)
        where T : notnull
    {
        List<(T, Exception)>? refused = null;
        for (var i = 0; i < items.Count; i++)
        {
            var item = items[i];
            if (!careful)
            {
                work(item);
            }
            else if (session.Try(item, () => work(item)) is { } error)
            {
                (refused ??= []).Add((item, error));
            }
        }

        return refused ?? [];
    }

    /// <summary>Reads on the reader's connection, in one snapshot.</summary>
    private Task<T> Read<T>(Func<SqliteSession, T> work, CancellationToken cancellationToken) => Read(Reader, work, cancellationToken);

    /// <summary>The same for clients, on a connection of theirs: however many ask and watch, the engine's reads wait for none of
    /// them.</summary>
    private Task<T> Browse<T>(Func<SqliteSession, T> work, CancellationToken cancellationToken) =>
        Read(_browser ?? throw NotOpen(), work, cancellationToken);

    private static Task<T> Read<T>(ReaderThread reader, Func<SqliteSession, T> work, CancellationToken cancellationToken) =>
        reader.Post((session, _) =>
        {
            session.Execute("BEGIN");
            var answer = work(session);
            session.Execute("COMMIT");
            return answer;
        }, cancellationToken);

    /// <summary>The time by which leases are measured, as an SQL value: the database's own clock, unless a test gives the time.</summary>
    private static readonly Sql s_clock = new($"SELECT {SqliteClock.Ticks}");

    private long LeaseTime(SqliteSession session, DateTimeOffset now) =>
        _options.LeaseClock == LeaseClock.Caller
            ? DbTime.Of(now)
            : session[s_clock].Number()
                ?? throw new InvalidOperationException(
                "SQLite gave no time for unixepoch('subsec'): its library may be older than 3.42, which is the first that knows it.");

    private StoreException NotOpen() => StoreRules.NotStarted($"the SQLite database '{_database.Path}'");
}
