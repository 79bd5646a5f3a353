using Simmer.Execution;

namespace Simmer.Engine;

/// <summary>The engines of this process: one for its memory and, where a database is configured, one for that.</summary>
internal sealed class StoreEngines(StoreEngine memory, StoreEngine? durable, IReadOnlyDictionary<string, StoreEngine> ofQueue)
{
    public StoreEngine Memory => memory;

    /// <summary>Null: no database is configured.</summary>
    public StoreEngine? Durable => durable;

    public IReadOnlyList<StoreEngine> All { get; } = durable is null ? [memory] : [memory, durable];

    /// <summary>The engine whose store holds a queue that this process declares.</summary>
    public StoreEngine Of(string queue) => ofQueue[queue];

    /// <summary>The engine whose store holds a queue; null: this process does not declare it.</summary>
    public StoreEngine? TryFind(string queue) => ofQueue.GetValueOrDefault(queue);

    /// <summary>The local queue of this name; null: this process does not work on it.</summary>
    public LocalQueue? LocalQueueOf(string queue) => ofQueue.TryGetValue(queue, out var engine) ? engine.Runner.Queue(queue) : null;

    /// <summary>The queues of this process that have no free slot, each with how many of its runs have ended.</summary>
    public List<(LocalQueue LocalQueue, long Ended)> FullQueues() =>
        [.. ofQueue.Keys.Select(LocalQueueOf).OfType<LocalQueue>().Where(static l => l.IsFull).Select(static l => (l, l.Ended))];
}
