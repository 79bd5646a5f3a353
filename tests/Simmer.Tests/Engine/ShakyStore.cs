using System.Collections.Concurrent;
using Simmer.Storage;
using Simmer.Storage.InMemory;

namespace Simmer.Tests.Engine;

/// <summary>The real in-memory store, with the behaviour of a database: it counts as durable, outlives a host, and can be slow, away, or
/// lose an answer.</summary>
internal class ShakyStore : IJobStore
{
    private readonly IJobStore _inner;
    private readonly ConcurrentQueue<Func<Flush, Func<ValueTask<FlushReport>>, ValueTask<FlushReport>>> _fates = new();
    private volatile Signal? _release;
    private int _awayAfter = int.MaxValue;

    public ShakyStore(bool isDurable = true)
        : this(new InMemoryJobStore(), isDurable)
    {
    }

    protected ShakyStore(IJobStore inner, bool isDurable) => (_inner, IsDurable, Reads) = (inner, isDurable, new ShakyReads(inner.Browser));

    /// <summary>The store in memory, unless a test keeps its jobs in a file.</summary>
    public InMemoryJobStore Inner => (InMemoryJobStore)_inner;

    public ShakyReads Reads { get; }

    public ConcurrentQueue<Flush> Flushes { get; } = new();

    /// <summary>What happens before the next answers of ClaimsOfAsync.</summary>
    public ConcurrentQueue<Func<Task>> BeforeOwnedAnswers { get; } = new();

    /// <summary>Workers by name whose beats do not arrive.</summary>
    public ConcurrentDictionary<long, bool> Silenced { get; } = new();

    public bool IsAway { get; set; }

    /// <summary>Chooses the flushes that do not arrive, without an answer.</summary>
    public Func<Flush, bool>? GetsLost { get; set; }

    public string Name => "shaky";

    public bool IsDurable { get; }

    public IJobBrowser Browser => Reads;

    public virtual IWakeups Wakeups => _inner.Wakeups;

    /// <summary>From now on flushes wait before they begin.</summary>
    public void Hold() => _release = new Signal();

    public void Release()
    {
        var release = _release;
        _release = null;
        release?.Set();
    }

    /// <summary>The next flush is carried out, and its answer is lost.</summary>
    /// <param name="meanwhile">What happens before it is repeated.</param>
    public void LoseNextAnswer(Func<Flush, Task>? meanwhile = null) => _fates.Enqueue(async (flush, carry) =>
    {
        await carry();
        await (meanwhile?.Invoke(flush) ?? Task.CompletedTask);
        throw new StoreException("The connection broke.", isTransient: true, outcomeUnknown: true);
    });

    /// <summary>The next flush may or may not have been carried out; it was not.</summary>
    public void LoseNextRequest() =>
        _fates.Enqueue(static (_, _) => throw new StoreException("The connection broke.", isTransient: true, outcomeUnknown: true));

    /// <summary>The next flush is carried out, and its answer is on its way until the signal is set.</summary>
    public Signal DelayNextAnswer()
    {
        var arrives = new Signal();
        _fates.Enqueue(async (_, carry) =>
        {
            var report = await carry();
            await arrives.WaitAsync(CancellationToken.None);
            return report;
        });
        return arrives;
    }

    /// <summary>After so many flushes more the server is away.</summary>
    public void IsAwayAfter(int flushes) => _awayAfter = Flushes.Count + flushes;

    public void ComesBack() => (IsAway, _awayAfter) = (false, int.MaxValue);

    /// <summary>So many flushes are not carried out, and whether they were is not known.</summary>
    public void LoseRequests(int count)
    {
        for (var i = 0; i < count; i++)
        {
            LoseNextRequest();
        }
    }

    /// <summary>The next flush is carried out, and answered otherwise.</summary>
    public void ChangeNextAnswer(Func<FlushReport, FlushReport> change) => _fates.Enqueue(async (_, carry) => change(await carry()));

    /// <summary>The next flush is not carried out, and answered.</summary>
    public void AnswerNext(Func<Flush, Task<FlushReport>> answer) => _fates.Enqueue(async (flush, _) => await answer(flush));

    public void RefuseNext() => _fates.Enqueue(static (_, _) => throw new StoreException("The disk is full."));

    // The engine fills the same lists again for its next flush.
    private static Flush Copy(Flush flush) => new()
    {
        Worker = flush.Worker,
        Sequence = flush.Sequence,
        IsRepeat = flush.IsRepeat,
        Bytes = flush.Bytes,
        Settlements = [.. flush.Settlements],
        GiveBacks = [.. flush.GiveBacks],
        Progress = [.. flush.Progress],
        Enqueues = [.. flush.Enqueues],
        Workflows = [.. flush.Workflows],
        Claims = [.. flush.Claims],
        Kinds = flush.Kinds,
        Suspects = flush.Suspects,
    };

    public async ValueTask<FlushReport> FlushAsync(Flush flush, DateTimeOffset now, CancellationToken cancellationToken)
    {
        Flushes.Enqueue(Copy(flush));
        if (_release is { } release)
        {
            await release.WaitAsync(CancellationToken.None);
        }

        IsAway |= Flushes.Count > _awayAfter;
        ThrowIfAway();
        if (GetsLost?.Invoke(flush) == true)
        {
            throw new StoreException("The connection broke.", isTransient: true, outcomeUnknown: true);
        }

        return _fates.TryDequeue(out var fate)
            ? await fate(flush, () => _inner.FlushAsync(flush, now, cancellationToken))
            : await _inner.FlushAsync(flush, now, cancellationToken);
    }

    public ValueTask<BeatReport> BeatAsync(BeatRequest request, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ThrowIfAway();
        return Silenced.ContainsKey(request.Worker.Value)
            ? throw new StoreException("The connection broke.", isTransient: true)
            : _inner.BeatAsync(request, now, cancellationToken);
    }

    public ValueTask InitializeAsync(CancellationToken cancellationToken) => _inner.InitializeAsync(cancellationToken);

    public ValueTask<WorkerId> RegisterAsync(WorkerInfo worker, DateTimeOffset now, CancellationToken cancellationToken) =>
        _inner.RegisterAsync(worker, now, cancellationToken);

    public ValueTask DeregisterAsync(WorkerId worker, DateTimeOffset now, CancellationToken cancellationToken) =>
        _inner.DeregisterAsync(worker, now, cancellationToken);

    public ValueTask<BeatReport> PollAsync(WorkerId worker, DateTimeOffset now, CancellationToken cancellationToken) =>
        _inner.PollAsync(worker, now, cancellationToken);

    public ValueTask<bool> TryTakeUpkeepLeaseAsync(string name, WorkerId worker, TimeSpan duration, DateTimeOffset now,
        CancellationToken cancellationToken) =>
        _inner.TryTakeUpkeepLeaseAsync(name, worker, duration, now, cancellationToken);

    public async ValueTask<OwnedJobs> ClaimsOfAsync(WorkerId worker, CancellationToken cancellationToken)
    {
        var owned = await _inner.ClaimsOfAsync(worker, cancellationToken);
        if (BeforeOwnedAnswers.TryDequeue(out var fate))
        {
            await fate();
        }

        return owned;
    }

    public ValueTask<PromoteReport> PromoteDueAsync(int limit, DateTimeOffset now, CancellationToken cancellationToken) =>
        _inner.PromoteDueAsync(limit, now, cancellationToken);

    public ValueTask<RescueReport> RescueAsync(RescueRequest request, DateTimeOffset now, CancellationToken cancellationToken) =>
        _inner.RescueAsync(request, now, cancellationToken);

    public ValueTask<PruneReport> PruneAsync(int limit, DateTimeOffset now, CancellationToken cancellationToken) =>
        _inner.PruneAsync(limit, now, cancellationToken);

    public ValueTask<IReadOnlyList<CancelReport>> CancelAsync(IReadOnlyList<JobId> ids, string? reason, DateTimeOffset now,
        CancellationToken cancellationToken) =>
        _inner.CancelAsync(ids, reason, now, cancellationToken);

    public ValueTask<IReadOnlyList<RetryResult>> RetryAsync(IReadOnlyList<JobId> ids, DateTimeOffset now,
        CancellationToken cancellationToken) => _inner.RetryAsync(ids, now, cancellationToken);

    public ValueTask<int> DeleteAsync(IReadOnlyList<JobId> ids, DateTimeOffset now, CancellationToken cancellationToken) =>
        _inner.DeleteAsync(ids, now, cancellationToken);

    public ValueTask<WorkflowCancelReport> CancelWorkflowAsync(WorkflowId id, string? reason, DateTimeOffset now,
        CancellationToken cancellationToken) =>
        _inner.CancelWorkflowAsync(id, reason, now, cancellationToken);

    public ValueTask<RetryResult> RetryWorkflowAsync(WorkflowRetryRequest request, DateTimeOffset now,
        CancellationToken cancellationToken) =>
        _inner.RetryWorkflowAsync(request, now, cancellationToken);

    public ValueTask<DeleteResult> DeleteWorkflowAsync(WorkflowId id, DateTimeOffset now, CancellationToken cancellationToken) =>
        _inner.DeleteWorkflowAsync(id, now, cancellationToken);

    public ValueTask<IReadOnlyList<QueuePutReport>> PutQueuesAsync(IReadOnlyList<QueuePolicy> queues, Version version, DateTimeOffset now,
        CancellationToken cancellationToken) =>
        _inner.PutQueuesAsync(queues, version, now, cancellationToken);

    public ValueTask PauseQueueAsync(string queue, string? reason, string? by, DateTimeOffset now, CancellationToken cancellationToken) =>
        _inner.PauseQueueAsync(queue, reason, by, now, cancellationToken);

    public ValueTask ResumeQueueAsync(string queue, DateTimeOffset now, CancellationToken cancellationToken) =>
        _inner.ResumeQueueAsync(queue, now, cancellationToken);

    /// <summary>Does nothing: the store outlives a host, as a database does.</summary>
    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private void ThrowIfAway()
    {
        if (IsAway)
        {
            throw new StoreException("The server is away.", isTransient: true);
        }
    }
}
