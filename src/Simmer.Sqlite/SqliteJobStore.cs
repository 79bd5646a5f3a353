using System.Data.Common;
using Microsoft.Extensions.Logging;
using Simmer.Storage;

namespace Simmer.Sqlite;

/// <summary>Jobs in a SQLite file: durable without a server, shared by the processes of one machine.</summary>
/// <remarks>A facade: each group of operations has a class of its own. They share the <see cref="SqliteContext"/> and nothing
/// else.</remarks>
internal sealed class SqliteJobStore : IJobStore, ITransactionalStore
{
    private readonly SqliteContext _context;
    private readonly SqliteFlush _flush;
    private readonly SqliteWorkers _workers;
    private readonly SqliteRescue _rescue;
    private readonly SqliteUpkeep _upkeep;
    private readonly SqliteOperators _operators;
    private readonly SqliteWorkflowOperators _workflows;
    private readonly SqliteQueues _queues;
    private readonly SqliteTransactions _transactions;
    private bool _disposed;

    public SqliteJobStore(string connectionString, SqliteStoreOptions options, ILogger logger)
        : this(new SqliteDatabase(connectionString, options, logger), options, logger)
    {
    }

    internal SqliteJobStore(SqliteDatabase database, SqliteStoreOptions options, ILogger logger)
    {
        _context = new SqliteContext(database, options, logger);
        var aside = new SetAside(database.Path, logger);
        var (due, running) = (new DueJobs(aside), new RunningJobs(_context));
        _flush = new SqliteFlush(_context, new RunStart(aside));
        _workers = new SqliteWorkers(_context, due, running);
        _rescue = new SqliteRescue(_context, running);
        _upkeep = new SqliteUpkeep(_context, aside, due);
        _operators = new SqliteOperators(_context);
        _workflows = new SqliteWorkflowOperators(_context);
        _queues = new SqliteQueues(_context);
        _transactions = new SqliteTransactions(_context);
        Browser = new SqliteBrowser(_context);
    }

    /// <inheritdoc/>
    public string Name => "sqlite";

    /// <inheritdoc/>
    public bool IsDurable => true;

    /// <inheritdoc/>
    public IJobBrowser Browser { get; }

    /// <inheritdoc/>
    public IWakeups Wakeups => _context.Wakeups;

    /// <summary>The writer, for tests.</summary>
    internal MainWriter Writer => _context.Threads.Writer;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        try
        {
            _context.Open();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await DisposeAsync();
            throw new StoreException(
                $"The SQLite database '{_context.Database.Path}' cannot be opened: {e.Message} Its directory must exist and this process "
                    + "must be allowed to write there, because the '-wal', '-shm', '-turn' and '-wake' files stand beside it.",
                inner: e);
        }

        // The first item opens the connection and applies the migrations.
        _ = await _context.Threads.Writer.Post(static (_, _) => true, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        if (!_disposed)
        {
            _disposed = true;
            _context.Close();
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<WorkerId> RegisterAsync(WorkerInfo worker, DateTimeOffset now, CancellationToken cancellationToken) =>
        _workers.RegisterAsync(worker, now, cancellationToken);

    /// <inheritdoc/>
    public ValueTask DeregisterAsync(WorkerId worker, DateTimeOffset now, CancellationToken cancellationToken) =>
        _workers.DeregisterAsync(worker, now, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<BeatReport> BeatAsync(BeatRequest request, DateTimeOffset now, CancellationToken cancellationToken) =>
        _workers.BeatAsync(request, now, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<BeatReport> PollAsync(WorkerId worker, DateTimeOffset now, CancellationToken cancellationToken) =>
        _workers.PollAsync(worker, now, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<bool> TryTakeUpkeepLeaseAsync(string name, WorkerId worker, TimeSpan duration, DateTimeOffset now,
        CancellationToken cancellationToken) =>
        _workers.TryTakeUpkeepLeaseAsync(name, worker, duration, now, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<FlushReport> FlushAsync(Flush flush, DateTimeOffset now, CancellationToken cancellationToken) =>
        _flush.FlushAsync(flush, now, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<OwnedJobs> ClaimsOfAsync(WorkerId worker, CancellationToken cancellationToken) =>
        _flush.ClaimsOfAsync(worker, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<PromoteReport> PromoteDueAsync(int limit, DateTimeOffset now, CancellationToken cancellationToken) =>
        _upkeep.PromoteDueAsync(limit, now, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<RescueReport> RescueAsync(RescueRequest request, DateTimeOffset now, CancellationToken cancellationToken) =>
        _rescue.RescueAsync(request, now, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<PruneReport> PruneAsync(int limit, DateTimeOffset now, CancellationToken cancellationToken) =>
        _upkeep.PruneAsync(limit, now, cancellationToken);

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
    public ValueTask<IReadOnlyList<QueuePutReport>> PutQueuesAsync(IReadOnlyList<QueuePolicy> queues, Version version, DateTimeOffset now,
        CancellationToken cancellationToken) =>
        _queues.PutQueuesAsync(queues, version, cancellationToken);

    /// <inheritdoc/>
    public ValueTask PauseQueueAsync(string queue, string? reason, string? by, DateTimeOffset now, CancellationToken cancellationToken) =>
        _queues.PauseQueueAsync(queue, reason, by, now, cancellationToken);

    /// <inheritdoc/>
    public ValueTask ResumeQueueAsync(string queue, DateTimeOffset now, CancellationToken cancellationToken) =>
        _queues.ResumeQueueAsync(queue, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<WorkflowCancelReport> CancelWorkflowAsync(WorkflowId id, string? reason, DateTimeOffset now,
        CancellationToken cancellationToken) =>
        _workflows.CancelAsync(id, reason, now, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<RetryResult> RetryWorkflowAsync(WorkflowRetryRequest request, DateTimeOffset now,
        CancellationToken cancellationToken) =>
        _workflows.RetryAsync(request, now, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<DeleteResult> DeleteWorkflowAsync(WorkflowId id, DateTimeOffset now, CancellationToken cancellationToken) =>
        _workflows.DeleteAsync(id, cancellationToken);

    /// <inheritdoc/>
    public string? WhyNot(DbTransaction transaction) => _transactions.WhyNot(transaction);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<EnqueueReport>> EnqueueWithinAsync(DbTransaction transaction, IReadOnlyList<JobDraft> jobs,
        DateTimeOffset now, CancellationToken cancellationToken) =>
        _transactions.EnqueueWithinAsync(transaction, jobs, now, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<WorkflowReport> EnqueueWorkflowWithinAsync(DbTransaction transaction, WorkflowDraft workflow, DateTimeOffset now,
        CancellationToken cancellationToken) =>
        _transactions.EnqueueWorkflowWithinAsync(transaction, workflow, now, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<SettleReport> SettleWithinAsync(DbTransaction transaction, WorkerId worker, Settlement settlement, DateTimeOffset now,
        CancellationToken cancellationToken) =>
        _transactions.SettleWithinAsync(transaction, worker, settlement, now, cancellationToken);
}
