namespace Simmer.Storage.InMemory;

/// <summary>What is left in memory at the end of the process.</summary>
internal sealed class MemoryLeftovers(MemoryTables tables)
{
    /// <summary>Takes out all that has not finished and does not run, but for the steps of workflows, which mean nothing without what they
    /// waited for.</summary>
    public List<(JobDraft Job, DateTimeOffset? DueAt, DateTimeOffset? ExpiresAt)> TakeUnfinished()
    {
        var taken = new List<(JobDraft, DateTimeOffset?, DateTimeOffset?)>();
        foreach (var row in tables.Jobs.Values.Where(static r => r.State is JobState.Ready or JobState.Scheduled && r.Step is null)
            .OrderBy(static r => r.Sequence).ToList())
        {
            taken.Add((row.Job, row.State == JobState.Scheduled ? row.DueAt : null, row.ExpiresAt));
            tables.ReleaseKey(row);
            tables.Forget(row);
        }

        return taken;
    }

    /// <summary>The kinds of all steps that have not finished.</summary>
    public List<string> UnfinishedSteps() =>
        [.. tables.Workflows.Values.Where(static w => w.State == WorkflowState.Running).SelectMany(static w => w.Steps)
            .Where(static s => !s.State.IsFinal()).Select(static s => s.Job.Kind)];
}
