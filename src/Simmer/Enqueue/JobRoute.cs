using Simmer.Execution;
using Simmer.Jobs;
using Simmer.Storage;
using Simmer.Storage.InMemory;

namespace Simmer.Enqueue;

/// <summary>Where the jobs of one kind go that are put into one queue. Found once, not anew for every job: names are looked up by their
/// letters.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Queue">The stored name of the queue.</param>
/// <param name="Engine">What works on the store they go to.</param>
/// <param name="LocalQueue">The queue in this process; null: this process does not work on it.</param>
/// <param name="Memory">The queue in memory, whose waiting jobs count against its capacity; null: a database has room.</param>
internal sealed record JobRoute(JobKind Kind, string Queue, StoreEngine Engine, LocalQueue? LocalQueue, MemoryQueue? Memory)
{
    public bool IsDurable => Memory is null;

    /// <summary>Takes places in a bounded queue; false: it is full.</summary>
    public bool TryEnter(int count) => LocalQueue is not { } local || Memory is not { } memory || local.TryEnter(count, memory.Waiting);

    /// <summary>The routes of drafts as these stand, each with how many in a row take it: mostly there is one.</summary>
    public static IEnumerable<(JobRoute Route, int Count)> Of(IReadOnlyList<JobDraft> drafts)
    {
        for (var i = 0; i < drafts.Count;)
        {
            var (route, from) = (drafts[i].Route!, i);
            while (++i < drafts.Count && ReferenceEquals(drafts[i].Route, route))
            {
            }

            yield return (route, i - from);
        }
    }

    /// <summary>Gives back places that are not needed any more.</summary>
    public void Leave(int count)
    {
        if (Memory is not null)
        {
            LocalQueue?.Leave(count);
        }
    }
}
