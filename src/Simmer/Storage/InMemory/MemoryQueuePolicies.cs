using Simmer.Storage.Decisions;

namespace Simmer.Storage.InMemory;

/// <summary>What applications declare of their queues, and what operators set.</summary>
internal sealed class MemoryQueuePolicies(MemoryTables tables)
{
    public QueuePutReport[] Put(IReadOnlyList<QueuePolicy> queues, Version version) => StoreRules.Each(queues, policy =>
    {
        var (queue, declared) = (tables.QueueOf(policy.Queue), DeclaredQueue.Of(policy, version));
        var result = QueueDeclaration.Decide(queue.Declared, declared);
        queue.Declared = result == QueuePutResult.Stored ? declared : queue.Declared;
        return new QueuePutReport(result, queue.Declared);
    });

    public void Pause(string queue, string? reason, string? by, DateTimeOffset now)
    {
        var paused = tables.QueueOf(queue);
        paused.Pause = new QueuePause(StoreRules.Cut(reason, StoreRules.LongestReason), StoreRules.Cut(by, StoreRules.LongestName),
            paused.Pause?.Since ?? now);
    }

    public void Resume(string queue) => tables.QueueOf(queue).Pause = null;
}
