namespace Simmer.Storage.InMemory;

/// <summary>What only the process that owns this memory can ask.</summary>
internal sealed partial class InMemoryJobStore
{
    /// <summary>The queue of a name, made now if there is none.</summary>
    public QueueLane Queue(string name)
    {
        lock (_lock)
        {
            return QueueOf(name);
        }
    }

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
