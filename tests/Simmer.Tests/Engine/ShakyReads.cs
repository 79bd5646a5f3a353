using System.Collections.Concurrent;
using Simmer.Storage;

namespace Simmer.Tests.Engine;

/// <summary>What a <see cref="ShakyStore"/> is asked. Reading jobs and steps may fail, or take as long as a test wants.</summary>
internal sealed class ShakyReads(IJobBrowser inner) : IJobBrowser
{
    /// <summary>What happens before each of the next reads of jobs.</summary>
    public ConcurrentQueue<Func<Task>> BeforeGet { get; } = new();

    /// <summary>What happens before each of the next reads of steps.</summary>
    public ConcurrentQueue<Func<Task>> BeforeSteps { get; } = new();

    public async ValueTask<IReadOnlyList<StepRecord>> StepsAsync(WorkflowId id, IReadOnlyCollection<int>? numbers, CancellationToken cancellationToken)
    {
        if (BeforeSteps.TryDequeue(out var fate))
        {
            await fate();
        }

        return await inner.StepsAsync(id, numbers, CancellationToken.None);
    }

    public async ValueTask<IReadOnlyList<JobRecord?>> GetAsync(IReadOnlyList<JobId> ids, CancellationToken cancellationToken)
    {
        if (BeforeGet.TryDequeue(out var fate))
        {
            await fate();
        }

        return await inner.GetAsync(ids, cancellationToken);
    }

    public ValueTask<IReadOnlyList<JobRecord>> ListAsync(JobQuery query, CancellationToken cancellationToken) => inner.ListAsync(query, cancellationToken);

    public ValueTask<IReadOnlyList<JobCount>> CountAsync(CancellationToken cancellationToken) => inner.CountAsync(cancellationToken);

    public ValueTask<IReadOnlyList<QueueRecord>> QueuesAsync(CancellationToken cancellationToken) => inner.QueuesAsync(cancellationToken);

    public ValueTask<WorkflowRecord?> WorkflowAsync(WorkflowId id, bool counted, CancellationToken cancellationToken) => inner.WorkflowAsync(id, counted, cancellationToken);

    public ValueTask<IReadOnlyList<WorkerRecord>> WorkersAsync(DateTimeOffset now, CancellationToken cancellationToken) => inner.WorkersAsync(now, cancellationToken);
}
