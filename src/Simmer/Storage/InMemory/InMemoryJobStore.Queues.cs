using Simmer.Storage.Decisions;

namespace Simmer.Storage.InMemory;

internal sealed partial class InMemoryJobStore
{
    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<QueuePutReport>> PutQueuesAsync(IReadOnlyList<QueuePolicy> queues, Version version, DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(queues);
        lock (_lock)
        {
            return new(StoreRules.Each(queues, policy =>
            {
                var (queue, declared) = (QueueOf(policy.Queue), DeclaredQueue.Of(policy, version));
                var result = QueueDeclaration.Decide(queue.Declared, declared);
                queue.Declared = result == QueuePutResult.Stored ? declared : queue.Declared;
                return new QueuePutReport(result, queue.Declared);
            }));
        }
    }

    /// <inheritdoc/>
    public ValueTask PauseQueueAsync(string queue, string? reason, string? by, DateTimeOffset now, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var paused = QueueOf(queue);
            paused.Pause = new QueuePause(StoreRules.Cut(reason, StoreRules.LongestReason), StoreRules.Cut(by, StoreRules.LongestName),
                paused.Pause?.Since ?? now);
            return ValueTask.CompletedTask;
        }
    }

    /// <inheritdoc/>
    public ValueTask ResumeQueueAsync(string queue, DateTimeOffset now, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            QueueOf(queue).Pause = null;
            return ValueTask.CompletedTask;
        }
    }
}
