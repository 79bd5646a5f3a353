using Simmer.Jobs;
using Simmer.Storage.InMemory;

namespace Simmer.Execution;

/// <summary>The way of jobs to a queue of this process.</summary>
/// <param name="kind">The kind of the jobs.</param>
/// <param name="queue">The stored name of the queue.</param>
/// <param name="runner">Who starts the jobs of the store they go to.</param>
/// <param name="localQueue">The queue in this process; null: this process does not work on it.</param>
/// <param name="memory">The queue in memory, whose waiting jobs count against its capacity; null: a database has room.</param>
internal class LocalRoute(JobKind kind, string queue, QueueRunner runner, LocalQueue? localQueue, MemoryQueue? memory)
    : JobRoute(kind, queue, isDurable: memory is null)
{
    public QueueRunner Runner => runner;

    public LocalQueue? LocalQueue => localQueue;

    public override QueueOptions? LocalOptions => localQueue?.Options;

    public override bool TryEnter(int count) => localQueue is null || memory is null || localQueue.TryEnter(count, memory.Waiting);

    public override void Leave(int count)
    {
        if (memory is not null)
        {
            localQueue?.Leave(count);
        }
    }
}
