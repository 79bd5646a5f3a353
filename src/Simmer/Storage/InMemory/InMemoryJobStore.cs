namespace Simmer.Storage.InMemory;

/// <summary>Jobs in this process's memory: fast, lost with the process, and the model against which the databases are checked.</summary>
/// <remarks>A facade: it takes the lock and calls the room that does the work. Every verb is done when it returns.</remarks>
internal sealed class InMemoryJobStore : IJobStore
{
    public const int HistoryLimit = 10_000;

    private readonly MemoryTables _tables = new();
    private readonly MemoryFlush _flush;
    private readonly MemoryWorkers _workers;
    private readonly MemoryUpkeep _upkeep;
    private readonly MemoryOperators _operators;
    private readonly MemoryWorkflowOperators _workflowOperators;
    private readonly MemoryQueuePolicies _queues;
    private readonly MemoryLeftovers _leftovers;
    private readonly Lock _gate;

    /// <param name="historyLimit">How many finished jobs, and how many steps of ended workflows, are kept at most; the oldest go first,
    /// whatever their retention: memory must not creep.</param>
    public InMemoryJobStore(int historyLimit = HistoryLimit)
    {
        var jobEnds = new JobEnds(_tables, historyLimit);
        var workflowEnds = new WorkflowEnds(_tables, historyLimit);
        var follow = new FollowUp(_tables, jobEnds, workflowEnds);
        var workflows = new WorkflowStore(_tables, workflowEnds);
        var start = new RunStart(_tables, jobEnds);
        var end = new RunEnd(_tables, jobEnds, workflows);
        var departed = new DepartedWorkers();
        _flush = new MemoryFlush(_tables, start, end, new MemoryEnqueue(_tables, start), workflows, follow, departed);
        _workers = new MemoryWorkers(_tables, end, follow, departed);
        _upkeep = new MemoryUpkeep(_tables, end, jobEnds, workflowEnds, follow, departed);
        _workflowOperators = new MemoryWorkflowOperators(_tables, jobEnds, workflowEnds, follow);
        _operators = new MemoryOperators(_tables, jobEnds, follow, _workflowOperators);
        _queues = new MemoryQueuePolicies(_tables);
        _leftovers = new MemoryLeftovers(_tables);
        _gate = _tables.Gate;
        Browser = new MemoryBrowser(_tables);
    }

    /// <inheritdoc/>
    public string Name => "memory";

    /// <inheritdoc/>
    public bool IsDurable => false;

    /// <inheritdoc/>
    public IJobBrowser Browser { get; }

    /// <inheritdoc/>
    public IWakeups Wakeups => SilentWakeups.Instance;

    /// <inheritdoc/>
    public ValueTask InitializeAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public ValueTask<WorkerId> RegisterAsync(WorkerInfo worker, DateTimeOffset now, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return new(_workers.Register(worker, now));
        }
    }

    /// <inheritdoc/>
    public ValueTask DeregisterAsync(WorkerId worker, DateTimeOffset now, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _workers.Deregister(worker, now);
            return ValueTask.CompletedTask;
        }
    }

    /// <inheritdoc/>
    public ValueTask<BeatReport> BeatAsync(BeatRequest request, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        lock (_gate)
        {
            return new(_workers.Beat(request, now));
        }
    }

    /// <inheritdoc/>
    public ValueTask<BeatReport> PollAsync(WorkerId worker, DateTimeOffset now, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return new(_workers.Poll(worker, now));
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> TryTakeUpkeepLeaseAsync(string name, WorkerId worker, TimeSpan duration, DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return new(_upkeep.TryTakeLease(name, worker, duration, now));
        }
    }

    /// <inheritdoc/>
    public ValueTask<FlushReport> FlushAsync(Flush flush, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(flush);
        lock (_gate)
        {
            return new(_flush.Carry(flush, now));
        }
    }

    /// <inheritdoc/>
    public ValueTask<OwnedJobs> ClaimsOfAsync(WorkerId worker, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return new(_workers.ClaimsOf(worker));
        }
    }

    /// <inheritdoc/>
    public ValueTask<PromoteReport> PromoteDueAsync(int limit, DateTimeOffset now, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return new(_upkeep.Promote(limit, now));
        }
    }

    /// <inheritdoc/>
    public ValueTask<RescueReport> RescueAsync(RescueRequest request, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        lock (_gate)
        {
            return new(_upkeep.Rescue(request, now));
        }
    }

    /// <inheritdoc/>
    public ValueTask<PruneReport> PruneAsync(int limit, DateTimeOffset now, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return new(_upkeep.Prune(limit, now));
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<CancelReport>> CancelAsync(IReadOnlyList<JobId> ids, string? reason, DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return new(_operators.Cancel(ids, reason, now));
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<RetryResult>> RetryAsync(IReadOnlyList<JobId> ids, DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return new(_operators.Retry(ids, now));
        }
    }

    /// <inheritdoc/>
    public ValueTask<int> DeleteAsync(IReadOnlyList<JobId> ids, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ids);
        lock (_gate)
        {
            return new(_operators.Delete(ids));
        }
    }

    /// <inheritdoc/>
    public ValueTask<WorkflowCancelReport> CancelWorkflowAsync(WorkflowId id, string? reason, DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return new(_workflowOperators.Cancel(id, reason, now));
        }
    }

    /// <inheritdoc/>
    public ValueTask<RetryResult> RetryWorkflowAsync(WorkflowRetryRequest request, DateTimeOffset now, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return new(_workflowOperators.Retry(request, now));
        }
    }

    /// <inheritdoc/>
    public ValueTask<DeleteResult> DeleteWorkflowAsync(WorkflowId id, DateTimeOffset now, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return new(_workflowOperators.Delete(id));
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<QueuePutReport>> PutQueuesAsync(IReadOnlyList<QueuePolicy> queues, Version version, DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return new(_queues.Put(queues, version));
        }
    }

    /// <inheritdoc/>
    public ValueTask PauseQueueAsync(string queue, string? reason, string? by, DateTimeOffset now, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _queues.Pause(queue, reason, by, now);
            return ValueTask.CompletedTask;
        }
    }

    /// <inheritdoc/>
    public ValueTask ResumeQueueAsync(string queue, DateTimeOffset now, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _queues.Resume(queue);
            return ValueTask.CompletedTask;
        }
    }

    /// <summary>The queue of a name, made now if there is none. Only the process that owns this memory can ask.</summary>
    public MemoryQueue Queue(string name)
    {
        lock (_gate)
        {
            return _tables.QueueOf(name);
        }
    }

    /// <inheritdoc cref="MemoryLeftovers.TakeUnfinished"/>
    public List<(JobDraft Job, DateTimeOffset? DueAt, DateTimeOffset? ExpiresAt)> TakeUnfinished()
    {
        lock (_gate)
        {
            return _leftovers.TakeUnfinished();
        }
    }

    /// <inheritdoc cref="MemoryLeftovers.UnfinishedSteps"/>
    public List<string> UnfinishedSteps()
    {
        lock (_gate)
        {
            return _leftovers.UnfinishedSteps();
        }
    }
}
