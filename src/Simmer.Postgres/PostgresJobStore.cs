using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Npgsql;
using Simmer.Execution;
using Simmer.Storage;

namespace Simmer.Postgres;

/// <summary>Jobs in PostgreSQL: durable, shared by as many processes as there are.</summary>
/// <remarks>Each verb is in the partial file that bears its name, SQL and mapping together. A process has at most four connections,
/// whatever the concurrency, one more that listens, and one for the moments of a vacuum.</remarks>
internal sealed partial class PostgresJobStore : IJobStore, IJobBrowser, ITransactionalStore
{
    /// <summary>Marks a ready suspect in the database only: in a state of its own, so that an ordinary claim never walks over it.</summary>
    internal const int ReadySuspect = 9;

    /// <summary>The last time there is, which steps carry: they stay until their workflow goes.</summary>
    internal const string KeptForEver = "2534023007999999999";

    /// <summary>How many rows a sweep updates in one transaction.</summary>
    private const int SweepBatch = 500;

    /// <summary>How long a flush, the heartbeat or a hint waits for another transaction: whoever keeps one open slows down nobody but
    /// himself.</summary>
    private static readonly TimeSpan s_flushLockTimeout = TimeSpan.FromMilliseconds(50);

    private readonly PostgresDatabase _database;
    private readonly PostgresStoreOptions _options;
    private readonly TimeProvider _clock;
    private readonly Func<IReadOnlyList<string>, int>? _concurrencyOf;
    private readonly ILogger _logger;
    private readonly SqlTexts _texts;
    private readonly NameTable _names;
    private readonly LowWater _lowWater;
    private readonly PostgresWakeups _wakeups;
    private readonly StoreConnection _main;
    private readonly ThreadConnection _beat;
    private readonly StoreConnection _side;
    private readonly StoreConnection _reads;
    private readonly StoreConnection _vacuum;
    private readonly ClockSkew _skew;
    private readonly ServerClock _time;
    private readonly PostgresMetrics _metrics;
    private readonly Vacuuming _vacuuming;
    private readonly Suspects _suspects = new();
    private volatile bool _isOpen;
    private bool _disposed;

    /// <param name="database">The database, which the store disposes.</param>
    /// <param name="options">How it behaves.</param>
    /// <param name="clock">For what is measured between two answers; no time of a job comes from it.</param>
    /// <param name="logger">Takes what is worth saying.</param>
    /// <param name="concurrencyOf">How many jobs of some queues run at once in this process; null: nobody knows.</param>
    /// <param name="meters">Makes meters; null: the store makes its own.</param>
    internal PostgresJobStore(PostgresDatabase database, PostgresStoreOptions options, TimeProvider clock, ILogger logger,
        Func<IReadOnlyList<string>, int>? concurrencyOf = null, IMeterFactory? meters = null)
    {
        (_database, _options, _clock, _logger, _concurrencyOf) = (database, options, clock, logger, concurrencyOf);
        _texts = new SqlTexts(options.Schema);
        _names = new NameTable(_texts, options.CommandTimeout);
        _lowWater = new LowWater(clock);

        // The flush and the heartbeat keep their connections: an application that uses up a pool it shares with them can stop neither.
        _metrics = new PostgresMetrics(meters, () => _wakeups?.IsListening == true, () => _skew?.Last ?? TimeSpan.Zero);
        _main = ConnectionFor("flush", keeps: true);
        _beat = new ThreadConnection(database, "beat", _metrics, clock);
        _side = ConnectionFor("upkeep", keeps: false);
        _reads = ConnectionFor("read", keeps: false, writes: false);
        _vacuum = ConnectionFor("vacuum", keeps: false, writes: false);
        _vacuuming = new Vacuuming(_vacuum, _texts, clock, _metrics, logger, database.Server);
        _contended = new ContendedOperations(clock);
        _skew = new ClockSkew(options.ClockSkewWarning, database.Server, logger);
        _time = new ServerClock(clock);
        _wakeups = new PostgresWakeups(this, database, options, clock, logger);
    }

    /// <inheritdoc/>
    public string Name => "postgres";

    /// <inheritdoc/>
    public bool IsDurable => true;

    /// <inheritdoc/>
    public IJobBrowser Browser => this;

    /// <inheritdoc/>
    public IWakeups Wakeups => _wakeups;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync(CancellationToken cancellationToken)
    {
        CallerContext.Leave();
        ObjectDisposedException.ThrowIf(_disposed, this);
        _ = await _side.RunAsync(async connection =>
        {
            await RefuseStandbyAsync(connection);
            var schema = await new Migrator(_texts, _database.Server, _logger)
                .BringUpAsync(connection, _options.Migrate, _options.CommandTimeout);
            await _names.RefreshAsync(connection);
            await CheckAsync(connection, schema);
            return true;
        }, cancellationToken);
        _ = await KeepPartitionsAsync(null, cancellationToken);

        // Before the application can use up a pool that it shares with them.
        await _main.OpenAsync(cancellationToken);
        await _beat.OpenAsync(cancellationToken);
        _isOpen = true;
        _wakeups.Start();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        CallerContext.Leave();
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        await _wakeups.DisposeAsync();
        await _vacuuming.DisposeAsync();
        await _main.DisposeAsync();
        await _beat.DisposeAsync();
        await _side.DisposeAsync();
        await _reads.DisposeAsync();
        await _vacuum.DisposeAsync();
        await _database.DisposeAsync();
        _metrics.Dispose();
    }

    private void ThrowIfNotOpen()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!_isOpen)
        {
            throw StoreRules.NotStarted($"PostgreSQL at {_database.Server}");
        }
    }

    private StoreConnection ConnectionFor(string what, bool keeps, bool writes = true) =>
        new(_database, what, _metrics, _clock, keeps, writes);

    /// <summary>The highest id that a step of a workflow can have: with the workflow's own id below them, the bounds of all of its
    /// steps.</summary>
    internal static JobId LastOf(WorkflowId workflow) => workflow.Step(0xFF_FFFF);

    internal static JobState Public(int state) => state == ReadySuspect ? JobState.Ready : (JobState)state;

    private Session SessionOn(NpgsqlConnection connection, int weight = 0, bool isPlain = false, Attempt? attempt = null) =>
        new(connection, _texts, _names, _lowWater, _options.CommandTimeout + TimeSpan.FromMilliseconds(weight),
            isPlain) { Attempt = attempt };

    /// <summary>Runs something on a connection, and once more on another after each refusal that has closed the connection and
    /// taught what to leave out.</summary>
    private static async ValueTask<T> RunAsync<T>(StoreConnection connection, Func<NpgsqlConnection, Attempt, Task<T>> work,
        CancellationToken cancellationToken)
    {
        var attempt = new Attempt();
        while (true)
        {
            attempt.Begin();
            try
            {
                return await connection.RunAsync(connection => work(connection, attempt), cancellationToken);
            }
            catch (StoreException) when (attempt.MayTryAgain)
            {
                // On a new connection.
            }
        }
    }

    /// <summary>Runs what an operator wants, in a transaction of its own. While somebody else's is in the way it lets go of the connection
    /// again and again: neither what is due nor a rescue may have to wait behind it.</summary>
    /// <param name="work">What is done; once more after each time that it had to wait.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="weight">About how many rows it concerns.</param>
    private async ValueTask<T> Operate<T>(Func<Session, Task<T>> work, CancellationToken cancellationToken, int weight = 0)
    {
        var began = _clock.GetTimestamp();
        while (true)
        {
            try
            {
                return await Write(work, cancellationToken, weight, s_flushLockTimeout);
            }
            catch (StoreException e)
                when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable } && _clock
                .GetElapsedTime(began) < _options.LockTimeout)
            {
                await Task.Delay(s_flushLockTimeout, _clock, cancellationToken);
            }
        }
    }

    /// <summary>Runs an upkeep in a transaction of its own, beside the flush.</summary>
    private async ValueTask<T> Write<T>(Func<Session, Task<T>> work, CancellationToken cancellationToken, int weight = 0,
        TimeSpan? lockTimeout = null)
    {
        ThrowIfNotOpen();
        var (answer, steps) = await RunAsync(_side, async (connection, attempt) =>
        {
            var session = SessionOn(connection, weight, attempt: attempt);
            await Session.Begin(session.Batch(), lockTimeout ?? _options.LockTimeout).RunAsync();
            var answer = await work(session);
            await session.Batch().Add("COMMIT").RunAsync();
            return (answer, session.Steps);
        }, cancellationToken);
        Announce(steps);
        return answer;
    }

    /// <summary>The same for what goes by the time, with the server's.</summary>
    private ValueTask<T> Operate<T>(DateTimeOffset now, Func<Session, DateTimeOffset, Task<T>> work, CancellationToken cancellationToken,
        int weight = 0)
    {
        var asked = _clock.GetTimestamp();
        return Operate(async session => await work(session, await TimeAsync(session, now, asked)), cancellationToken, weight);
    }

    /// <summary>The same for what goes by the time, with the server's.</summary>
    /// <param name="now">The caller's time.</param>
    /// <param name="work">What is done.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="weight">About how many rows it concerns.</param>
    /// <param name="fresh">Whether the server is asked for its time in any case.</param>
    private ValueTask<T> Write<T>(DateTimeOffset now, Func<Session, DateTimeOffset, Task<T>> work, CancellationToken cancellationToken,
        int weight = 0, bool fresh = false)
    {
        var asked = _clock.GetTimestamp();
        return Write(async session => await work(session, await TimeAsync(session, now, asked, fresh)), cancellationToken, weight);
    }

    /// <summary>The server's time for a verb that answers with times by its caller's clock, which he had looked at before the verb waited
    /// for its turn and for a connection.</summary>
    private async ValueTask<DateTimeOffset> TimeAsync(Session session, DateTimeOffset now, long asked, bool fresh = false)
    {
        var at = await TimeAsync(session.Connection, now, fresh);
        session.Ahead = _options.LeaseClock == LeaseClock.Caller ? TimeSpan.Zero : at - now - _clock.GetElapsedTime(asked);
        return at;
    }

    /// <summary>The server's time, by which all is written and judged: as it is known, or asked for where it is not.</summary>
    /// <param name="connection">Where the server is asked.</param>
    /// <param name="now">The caller's time.</param>
    /// <param name="fresh">Whether it is asked in any case.</param>
    private ValueTask<DateTimeOffset> TimeAsync(NpgsqlConnection connection, DateTimeOffset now, bool fresh = false) =>
        _options.LeaseClock == LeaseClock.Caller ? new(now) : !fresh && _time.TryNow(out var known) ? new(known) : AskTimeAsync(connection);

    private async ValueTask<DateTimeOffset> AskTimeAsync(NpgsqlConnection connection)
    {
        var sent = _clock.GetTimestamp();
        var theirs = default(DateTimeOffset);
        await SessionOn(connection).Batch().Add(NowSql).Each(row => theirs = row.Time(0)).RunAsync();
        return _time.Heard(theirs, sent);
    }

    /// <summary>A time of the server's by the caller's clock.</summary>
    internal static DateTimeOffset? ByCaller(DateTimeOffset? theirs, TimeSpan ahead) => theirs is { } time ? ByCaller(time, ahead) : null;

    /// <inheritdoc cref="ByCaller(DateTimeOffset?, TimeSpan)"/>
    private static DateTimeOffset ByCaller(DateTimeOffset theirs, TimeSpan ahead) => Moved(theirs, -ahead);

    /// <summary>A time of the caller's clock by the server's; none stays none.</summary>
    private static DateTimeOffset ByServer(DateTimeOffset ours, TimeSpan ahead) => ours == default ? default : Moved(ours, ahead);

    private static DateTimeOffset Moved(DateTimeOffset time, TimeSpan by) =>
        by >= TimeSpan.Zero ? StoreRules.KeepUntil(time, by) : time - DateTimeOffset.MinValue > -by ? time + by : DateTimeOffset.MinValue;

    /// <summary>Reads in one snapshot, for the engine.</summary>
    private async ValueTask<T> Read<T>(Func<Session, Task<T>> work, CancellationToken cancellationToken)
    {
        ThrowIfNotOpen();
        return await _reads.RunAsync(connection => InSnapshot(connection, work), cancellationToken);
    }

    /// <summary>Reads in one snapshot, for clients: however many ask and watch, the engine's reads wait for one of them at most.</summary>
    private async ValueTask<T> Browse<T>(Func<Session, Task<T>> work, CancellationToken cancellationToken)
    {
        ThrowIfNotOpen();
        return await _reads.RunBehindAsync(connection => InSnapshot(connection, work), cancellationToken);
    }

    private async Task<T> InSnapshot<T>(NpgsqlConnection connection, Func<Session, Task<T>> work)
    {
        var session = SessionOn(connection, weight: 60_000);
        await session.Batch().Add("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").RunAsync();
        var answer = await work(session);
        await session.Batch().Add("COMMIT").RunAsync();
        return answer;
    }

    /// <summary>After a commit: the next claims begin at what has come back, and other processes are told.</summary>
    private void Announce(WorkflowChanges steps)
    {
        steps.Lower(_lowWater);
        _wakeups.Announce(steps.ReadyQueues);
    }

    /// <summary>The time by which leases are measured, as a parameter of <see cref="LeaseClockSql"/>: null for the server's own.</summary>
    private long? LeaseTime(DateTimeOffset now) => _options.LeaseClock == LeaseClock.Caller ? DbTime.Of(now) : null;

    /// <summary>The server's clock in ticks of 100 ns since 1970, unless the parameter with this number gives the time.</summary>
    private static string LeaseClockSql(int parameter) =>
        string.Create(CultureInfo.InvariantCulture,
            $"coalesce(${parameter}::bigint, (extract(epoch FROM clock_timestamp()) * 10000000)::bigint)");
}
