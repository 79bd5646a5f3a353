namespace Simmer.Storage.InMemory;

/// <summary>What only the process that owns this memory can ask.</summary>
internal sealed partial class InMemoryJobStore
{
    /// <summary>About how many jobs of a queue have not started or wait to go on. Without the lock: every enqueue asks, and a flush of a thousand jobs would stop all callers.</summary>
    public int Waiting(string queue) => _queues.TryGetValue(queue, out var lane)
        ? (int)(Volatile.Read(ref lane.Counts[(int)JobState.Ready]) + Volatile.Read(ref lane.Counts[(int)JobState.Scheduled]))
        : 0;

    /// <summary>At the end of the process: takes out all that has not finished and does not run.</summary>
    public List<(JobDraft Job, DateTimeOffset? DueAt)> TakeUnfinished()
    {
        lock (_lock)
        {
            var taken = new List<(JobDraft, DateTimeOffset?)>();
            foreach (var row in _jobs.Values.Where(static r => r.State is JobState.Ready or JobState.Scheduled).OrderBy(static r => r.Sequence).ToList())
            {
                taken.Add((row.Job, row.State == JobState.Scheduled ? row.DueAt : null));
                ReleaseKey(row);
                Forget(row);
            }

            return taken;
        }
    }
}
