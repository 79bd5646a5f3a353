using System.Data.Common;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Simmer.Runtime;
using Simmer.Storage;

namespace Simmer.Postgres;

/// <summary>Jobs in PostgreSQL: durable, shared by as many processes as there are.</summary>
/// <remarks>A facade: the verbs are carried out by rooms that share a small <see cref="PostgresContext"/>. A process has at most four
/// connections, whatever the concurrency, one more that listens, and one for the moments of a vacuum.</remarks>
internal sealed class PostgresJobStore : IJobStore, ITransactionalStore
{
    private readonly PostgresContext _context;
    private readonly StoreConnections _connections;
    private readonly Notifications _notifications;
    private readonly HintListener _listener;
    private readonly PostgresWakeups _wakeups;
    private readonly StoreOpening _opening;
    private readonly Vacuuming _vacuuming;
    private readonly PostgresFlush _flush;
    private readonly PostgresTransactions _within;
    private readonly PostgresHeartbeat _heartbeat;
    private readonly PostgresWorkers _workers;
    private readonly PostgresRescue _rescue;
    private readonly PostgresUpkeep _upkeep;
    private readonly PostgresOperators _operators;
    private readonly PostgresWorkflowOperators _workflowOperators;
    private readonly PostgresQueues _queues;

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
        var skew = new ClockSkew(options.ClockSkewWarning, database.Server, logger);
        _context = new PostgresContext(database, options, clock, logger, new PostgresMetrics(meters, listening, skew),
            new SqlTexts(options.Schema));
        _connections = new StoreConnections(database, _context.Metrics, clock);

        var channel = new WakeupChannel(options.Schema);
        var hints = new Hints(_context.LowWater, _context.Names);
        var lone = new LoneStatements(_context);
        _notifications = new Notifications(_context, lone, _connections.Beat, channel);
        _listener = new HintListener(_context, channel, _notifications, hints, listening);
        _wakeups = new PostgresWakeups(hints, _listener, listening);

        _vacuuming = new Vacuuming(_context, _connections.Vacuum);
        var partitions = new PostgresPartitions(_context, _connections.Side);
        _opening = new StoreOpening(_context, _connections.Side, partitions);
        var guard = new DatabaseGuard(_context, _connections.Side, partitions);
        var transactions = new StoreTransactions(_context, _connections, _notifications);

        var expiry = new Expiry(_context.Avoided);
        var claimedKinds = new ClaimedKinds(_context.Names);
        var newNames = new NewNames(_context.Names, _connections.Main);
        var flushNames = new FlushNames(_context.Names, claimedKinds, newNames);
        var noted = new NotedJobs();
        var progress = new ReportedProgress(noted, logger);
        var settlements = new FlushSettlements(_context, noted, progress);
        var claims = new FlushClaims(_context, claimedKinds, expiry, transactions);
        _flush = new PostgresFlush(_context, _connections, flushNames, guard, noted, settlements, claims,
            new FlushRepeats(_context, claims, guard, _notifications), new ContendedOperations(clock), transactions, _notifications,
            _vacuuming);
        _within = new PostgresTransactions(_context, _connections.Main,
            new CallerTransactions(_context, _connections.Main, flushNames, guard, _notifications), settlements, noted, progress);

        _heartbeat = new PostgresHeartbeat(_context, _connections.Beat, lone, guard, skew, _notifications);
        _workers = new PostgresWorkers(_context, transactions, _connections.Side, lone, guard, concurrencyOf);
        _rescue = new PostgresRescue(_context, transactions);
        _upkeep = new PostgresUpkeep(_context, transactions, _connections.Side, partitions, expiry);
        _operators = new PostgresOperators(transactions);
        _workflowOperators = new PostgresWorkflowOperators(transactions);
        _queues = new PostgresQueues(transactions, newNames);
        Browser = new PostgresBrowser(_context, transactions, _connections.Reads);
    }

    /// <inheritdoc/>
    public string Name => "postgres";

    /// <inheritdoc/>
    public bool IsDurable => true;

    /// <inheritdoc/>
    public IJobBrowser Browser { get; }

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

    /// <inheritdoc/>
    public ValueTask<FlushReport> FlushAsync(Flush flush, DateTimeOffset now, CancellationToken cancellationToken) =>
        _flush.FlushAsync(flush, now, cancellationToken);

    /// <inheritdoc/>
    public string? WhyNot(DbTransaction transaction) => _within.WhyNot(transaction);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<EnqueueReport>> EnqueueWithinAsync(DbTransaction transaction, IReadOnlyList<JobDraft> jobs,
        DateTimeOffset now, CancellationToken cancellationToken) =>
        _within.EnqueueAsync(transaction, jobs, now, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<WorkflowReport> EnqueueWorkflowWithinAsync(DbTransaction transaction, WorkflowDraft workflow, DateTimeOffset now,
        CancellationToken cancellationToken) =>
        _within.EnqueueWorkflowAsync(transaction, workflow, now, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<SettleReport> SettleWithinAsync(DbTransaction transaction, WorkerId worker, Settlement settlement,
        DateTimeOffset now, CancellationToken cancellationToken) =>
        _within.SettleAsync(transaction, worker, settlement, now, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<WorkerId> RegisterAsync(WorkerInfo worker, DateTimeOffset now, CancellationToken cancellationToken) =>
        _workers.RegisterAsync(worker, now, cancellationToken);

    /// <inheritdoc/>
    public ValueTask DeregisterAsync(WorkerId worker, DateTimeOffset now, CancellationToken cancellationToken) =>
        _workers.DeregisterAsync(worker, now, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<bool> TryTakeUpkeepLeaseAsync(string name, WorkerId worker, TimeSpan duration, DateTimeOffset now,
        CancellationToken cancellationToken) =>
        _workers.TryTakeUpkeepLeaseAsync(name, worker, duration, now, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<OwnedJobs> ClaimsOfAsync(WorkerId worker, CancellationToken cancellationToken) =>
        _workers.ClaimsOfAsync(worker, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<BeatReport> BeatAsync(BeatRequest request, DateTimeOffset now, CancellationToken cancellationToken) =>
        _heartbeat.BeatAsync(request, now, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<BeatReport> PollAsync(WorkerId worker, DateTimeOffset now, CancellationToken cancellationToken) =>
        _heartbeat.PollAsync(worker, now, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<PromoteReport> PromoteDueAsync(int limit, DateTimeOffset now, CancellationToken cancellationToken) =>
        _upkeep.PromoteDueAsync(limit, now, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<PruneReport> PruneAsync(int limit, DateTimeOffset now, CancellationToken cancellationToken) =>
        _upkeep.PruneAsync(limit, now, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<RescueReport> RescueAsync(RescueRequest request, DateTimeOffset now, CancellationToken cancellationToken) =>
        _rescue.RescueAsync(request, now, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<CancelReport>> CancelAsync(IReadOnlyList<JobId> ids, string? reason, DateTimeOffset now,
        CancellationToken cancellationToken) =>
        _operators.CancelAsync(ids, reason, now, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<RetryResult>> RetryAsync(IReadOnlyList<JobId> ids, DateTimeOffset now,
        CancellationToken cancellationToken) =>
        _operators.RetryAsync(ids, now, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<int> DeleteAsync(IReadOnlyList<JobId> ids, DateTimeOffset now, CancellationToken cancellationToken) =>
        _operators.DeleteAsync(ids, now, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<WorkflowCancelReport> CancelWorkflowAsync(WorkflowId id, string? reason, DateTimeOffset now,
        CancellationToken cancellationToken) =>
        _workflowOperators.CancelAsync(id, reason, now, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<RetryResult> RetryWorkflowAsync(WorkflowRetryRequest request, DateTimeOffset now,
        CancellationToken cancellationToken) =>
        _workflowOperators.RetryAsync(request, now, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<DeleteResult> DeleteWorkflowAsync(WorkflowId id, DateTimeOffset now, CancellationToken cancellationToken) =>
        _workflowOperators.DeleteAsync(id, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<QueuePutReport>> PutQueuesAsync(IReadOnlyList<QueuePolicy> queues, Version version, DateTimeOffset now,
        CancellationToken cancellationToken) =>
        _queues.PutAsync(queues, version, cancellationToken);

    /// <inheritdoc/>
    public ValueTask PauseQueueAsync(string queue, string? reason, string? by, DateTimeOffset now, CancellationToken cancellationToken) =>
        _queues.PauseAsync(queue, reason, by, now, cancellationToken);

    /// <inheritdoc/>
    public ValueTask ResumeQueueAsync(string queue, DateTimeOffset now, CancellationToken cancellationToken) =>
        _queues.ResumeAsync(queue, cancellationToken);
}
