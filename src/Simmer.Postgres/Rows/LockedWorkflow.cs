namespace Simmer.Postgres;

/// <summary>A workflow whose row this transaction has locked.</summary>
internal sealed record LockedWorkflow(WorkflowId Id, int Steps, bool CancelRequested, WorkflowState State)
{
    /// <summary>Jobs that are no steps and have ids of steps that are about to be added, with their kinds; null: there are none.</summary>
    public Dictionary<JobId, string>? Taken { get; init; }
}
