using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Simmer.Execution;
using Simmer.Storage;

namespace Simmer.Postgres;

/// <summary>Jobs in PostgreSQL: durable, shared by as many processes as there are.</summary>
/// <remarks>A facade: the verbs are carried out by rooms that share a small <see cref="PostgresContext"/>. A process has at most four
/// connections, whatever the concurrency, one more that listens, and one for the moments of a vacuum.</remarks>
internal sealed partial class PostgresJobStore : IJobStore, IJobBrowser, ITransactionalStore
{
    private readonly PostgresContext _context;
    private readonly StoreConnections _connections;
    private readonly Notifications _notifications;
    private readonly HintListener _listener;
    private readonly PostgresWakeups _wakeups;
    private readonly StoreOpening _opening;
    private readonly Vacuuming _vacuuming;

    /// <param name="database">The database, which the store disposes.</param>
    /// <param name="options">How it behaves.</param>
    /// <param name="clock">For what is measured between two answers; no time of a job comes from it.</param>
    /// <param name="logger">Takes what is worth saying.</param>
    /// <param name="concurrencyOf">How many jobs of some queues run at once in this process; null: nobody knows.</param>
    /// <param name="meters">Makes meters; null: the store makes its own.</param>
    internal PostgresJobStore(PostgresDatabase database, PostgresStoreOptions options, TimeProvider clock, ILogger logger,
        Func<IReadOnlyList<string>, int>? concurrencyOf = null, IMeterFactory? meters = null)
    {
        var listening = new ListenerState();
        _skew = new ClockSkew(options.ClockSkewWarning, database.Server, logger);
        _context = new PostgresContext(database, options, clock, logger, new PostgresMetrics(meters, listening, _skew),
            new SqlTexts(options.Schema));
        _connections = new StoreConnections(database, _context.Metrics, clock);

        var channel = new WakeupChannel(options.Schema);
        var hints = new Hints(_context.LowWater, _context.Names);
        _lone = new LoneStatements(_context);
        _notifications = new Notifications(_context, _lone, _connections.Beat, channel);
        _listener = new HintListener(_context, channel, _notifications, hints, listening);
        _wakeups = new PostgresWakeups(hints, _listener, listening);

        _vacuuming = new Vacuuming(_context, _connections.Vacuum);
        _partitions = new PostgresPartitions(_context, _connections.Side);
        _opening = new StoreOpening(_context, _connections.Side, _partitions);
        _guard = new DatabaseGuard(_context, _connections.Side, _partitions);
        _transactions = new StoreTransactions(_context, _connections, _notifications);

        _expiry = new Expiry(_context.Avoided);
        _claimedKinds = new ClaimedKinds(_context.Names);
        _newNames = new NewNames(_context.Names, _connections.Main);
        _flushNames = new FlushNames(_context.Names, _claimedKinds, _newNames);
        _progress = new ReportedProgress(_noted, logger);
        _contended = new ContendedOperations(clock);
        _concurrencyOf = concurrencyOf;
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
        _context.State.ThrowIfClosed();
        await _opening.RunAsync(cancellationToken);
        await _connections.OpenAsync(cancellationToken);
        _context.State.Open();
        _wakeups.Start();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        CallerContext.Leave();
        if (!_context.State.TryClose())
        {
            return;
        }

        await _listener.DisposeAsync();
        await _notifications.DisposeAsync();
        await _vacuuming.DisposeAsync();
        await _connections.DisposeAsync();
        await _context.Database.DisposeAsync();
        _context.Metrics.Dispose();
    }
}
