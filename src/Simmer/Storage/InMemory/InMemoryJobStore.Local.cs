namespace Simmer.Storage.InMemory;

/// <summary>What only the process that owns this memory can ask.</summary>
internal sealed partial class InMemoryJobStore
{
    /// <summary>The queue of a name, made now if there is none.</summary>
    public MemoryQueue Queue(string name)
    {
        lock (_lock)
        {
            return QueueOf(name);
        }
    }

    /// <summary>At the end of the process: takes out all that has not finished and does not run, but for the steps of workflows, which mean
    /// nothing without what they waited for.</summary>
    public List<(JobDraft Job, DateTimeOffset? DueAt, DateTimeOffset? ExpiresAt)> TakeUnfinished()
    {
        lock (_lock)
        {
            var taken = new List<(JobDraft, DateTimeOffset?, DateTimeOffset?)>();
            foreach (var row in _jobs.Values.Where(static r => r.State is JobState.Ready or JobState.Scheduled && r.Detail?.Step is null)
                .OrderBy(static r => r.Sequence).ToList())
            {
                taken.Add((row.Job, row.State == JobState.Scheduled ? row.DueAt : null, row.ExpiresAt));
                ReleaseKey(row);
                Forget(row);
            }

            return taken;
        }
    }

    /// <summary>The kinds of all steps that have not finished.</summary>
    public List<string> UnfinishedSteps()
    {
        lock (_lock)
        {
            return [.. _workflows.Values.Where(static w => w.State == WorkflowState.Running).SelectMany(static w => w.Steps)
                .Where(static s => !s.State.IsFinal()).Select(static s => s.Job.Kind)];
        }
    }
}
