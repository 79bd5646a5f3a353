using System.Collections.Concurrent;
using Simmer.Storage;

namespace Simmer.Tests.Engine;

/// <summary>The reads of a <see cref="ShakyStore"/>. Reading jobs and steps may fail, or take as long as a test wants.</summary>
internal sealed class ShakyReads(IJobBrowser inner) : IJobBrowser
{
    private int _read;
    private int _looked;
    private int _queuesAsked;

    /// <summary>Whether every look at a job or a workflow fails.</summary>
    public bool IsAway { get; set; }

    /// <summary>What happens before each of the next reads of jobs.</summary>
    public ConcurrentQueue<Func<Task>> BeforeGet { get; } = new();

    /// <summary>What happens before each of the next reads of steps.</summary>
    public ConcurrentQueue<Func<Task>> BeforeSteps { get; } = new();

    public async ValueTask<IReadOnlyList<StepSnapshot>> StepsAsync(WorkflowId id, IReadOnlyCollection<int>? numbers,
        CancellationToken cancellationToken)
    {
        if (BeforeSteps.TryDequeue(out var fate))
        {
            await fate();
        }

        Interlocked.Increment(ref _read);
        return await inner.StepsAsync(id, numbers, CancellationToken.None);
    }

    public async ValueTask<IReadOnlyList<JobRecord?>> GetAsync(IReadOnlyList<JobId> ids, CancellationToken cancellationToken)
    {
        ThrowIfAway();
        if (BeforeGet.TryDequeue(out var fate))
        {
            await fate();
        }

        Interlocked.Increment(ref _read);
        return await inner.GetAsync(ids, cancellationToken);
    }

    /// <summary>How often jobs, workflows or steps were read.</summary>
    public int Read => _read;

    /// <summary>How often versions were asked for.</summary>
    public int Looked => _looked;

    /// <summary>What happens before each of the next looks at versions of jobs.</summary>
    public ConcurrentQueue<Func<Task>> BeforeLooks { get; } = new();

    public async ValueTask<IReadOnlyList<long?>> VersionsAsync(IReadOnlyList<JobId> ids, CancellationToken cancellationToken)
    {
        ThrowIfAway();
        if (BeforeLooks.TryDequeue(out var fate))
        {
            await fate();
        }

        Interlocked.Increment(ref _looked);
        return await inner.VersionsAsync(ids, cancellationToken);
    }

    public ValueTask<IReadOnlyList<long?>> WorkflowVersionsAsync(IReadOnlyList<WorkflowId> ids, bool counted,
        CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _looked);
        return inner.WorkflowVersionsAsync(ids, counted, cancellationToken);
    }

    public ValueTask<IReadOnlyList<JobRecord>> ListAsync(JobQuery query, CancellationToken cancellationToken) =>
        inner.ListAsync(query, cancellationToken);

    public ValueTask<IReadOnlyList<JobId>> FindAsync(JobQuery query, CancellationToken cancellationToken) =>
        inner.FindAsync(query, cancellationToken);

    public ValueTask<IReadOnlyList<JobCount>> CountAsync(CancellationToken cancellationToken) => inner.CountAsync(cancellationToken);

    /// <summary>How often the queues were asked for.</summary>
    public int QueuesAsked => _queuesAsked;

    /// <summary>What happens before each of the next reads of queues.</summary>
    public ConcurrentQueue<Func<Task>> BeforeQueues { get; } = new();

    public async ValueTask<IReadOnlyList<QueueRecord>> QueuesAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _queuesAsked);
        if (BeforeQueues.TryDequeue(out var fate))
        {
            await fate();
        }

        return await inner.QueuesAsync(cancellationToken);
    }

    public ValueTask<WorkflowRecord?> WorkflowAsync(WorkflowId id, bool counted, CancellationToken cancellationToken)
    {
        ThrowIfAway();
        Interlocked.Increment(ref _read);
        return inner.WorkflowAsync(id, counted, cancellationToken);
    }

    public ValueTask<IReadOnlyList<WorkerRecord>> WorkersAsync(DateTimeOffset now, CancellationToken cancellationToken) =>
        inner.WorkersAsync(now, cancellationToken);

    private void ThrowIfAway()
    {
        if (IsAway)
        {
            throw new StoreException("The server is away.", isTransient: true);
        }
    }
}
