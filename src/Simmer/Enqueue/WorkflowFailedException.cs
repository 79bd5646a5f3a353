namespace Simmer;

/// <summary>A workflow that somebody waited for did not succeed.</summary>
public sealed class WorkflowFailedException : Exception
{
    private WorkflowFailedException(string message, WorkflowId id, WorkflowRecord? workflow)
        : base(message) => (Id, Workflow) = (id, workflow);

    /// <summary>The workflow's id.</summary>
    public WorkflowId Id { get; }

    /// <summary>Its final snapshot; <see langword="null"/> when it is not known any more.</summary>
    public WorkflowRecord? Workflow { get; }

    internal static WorkflowFailedException For(WorkflowId id, WorkflowRecord? workflow, IReadOnlyList<StepRecord> steps)
    {
        if (workflow is null)
        {
            return new($"Workflow {id} is not known: it was pruned, deleted, never stored, or lives in the memory of another process.",
                id, null);
        }

        // A failed step comes before a cancelled one, and the earliest first: it is what the others followed from.
        var culprit = steps.Where(static s => s.Job.State is JobState.Failed or JobState.Cancelled).OrderBy(static s => s.Job.State)
            .ThenBy(static s => s.Job.FinishedAt).FirstOrDefault();
        return new($"Workflow {id}{(workflow.Name is { } name ? $" ({name})" : null)} ended "
            + $"{workflow.State}"
            + $"{(culprit is null
                ? null
                : $": step '{culprit.Name}' ended {culprit.Job.State}{JobFailedException.Because(culprit.Job)}")}.", id, workflow);
    }
}
