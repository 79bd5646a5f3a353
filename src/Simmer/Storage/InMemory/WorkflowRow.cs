using Simmer.Storage.Decisions;

namespace Simmer.Storage.InMemory;

/// <summary>One workflow as the in-memory store has it; guarded by the store's lock. Its steps stay as long as it does.</summary>
internal sealed class WorkflowRow(WorkflowDraft draft, DateTimeOffset createdAt)
{
    public WorkflowId Id => draft.Id;

    public string? Name => draft.Name;

    public DateTimeOffset CreatedAt => createdAt;

    /// <summary>Step number 1 first.</summary>
    public List<JobRow> Steps { get; } = new(draft.Steps.Count);

    /// <summary>Gate number -1 first.</summary>
    public GateRow[] Gates { get; } = [.. draft.Gates.Select(static g => new GateRow(g))];

    /// <summary>What its end waits for.</summary>
    public StepTally Tally { get; set; } = new(draft.Pending);

    public WorkflowState State { get; set; } = WorkflowState.Running;

    /// <summary>Its own changes; those of its steps are counted there.</summary>
    public long Version { get; set; } = 1;

    public DateTimeOffset? FinishedAt { get; set; }

    public DateTimeOffset KeepUntil { get; set; }

    public bool CancelRequested { get; set; }

    public string? Reason { get; set; }

    public TimeSpan KeepFor => FollowDecision.KeepFor(State, draft.KeepSucceeded, draft.KeepFailed);
}
