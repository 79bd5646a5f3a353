namespace Simmer;

/// <summary>A snapshot of a workflow in the store. It is made for looking at and not for deciding: it may be out of date when it
/// arrives.</summary>
public sealed record WorkflowRecord
{
    /// <summary>The id.</summary>
    public required WorkflowId Id { get; init; }

    /// <summary>Its name, if it was given one.</summary>
    public string? Name { get; init; }

    /// <summary>Its state.</summary>
    public required WorkflowState State { get; init; }

    /// <summary>Rises with every visible change of the workflow or one of its steps; live events carry it as their id.</summary>
    public long Version { get; init; }

    /// <summary>When it was stored.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When its last step became final.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>Whether it was asked to be cancelled.</summary>
    public bool CancelRequested { get; init; }

    /// <summary>Why it was cancelled; <see langword="null"/>: no reason was given.</summary>
    public string? Reason { get; init; }

    /// <summary>How many steps it has, those included that were added at run time and those that undo.</summary>
    public int StepCount { get; init; }

    /// <summary>How many of its steps are in each state that occurs.</summary>
    public IReadOnlyDictionary<JobState, int> Counts { get; init; } = new Dictionary<JobState, int>();

    /// <summary>From 0 to 1 over all ordinary steps: a final one counts whole, a running one by its own progress.</summary>
    public double Progress { get; init; }
}
