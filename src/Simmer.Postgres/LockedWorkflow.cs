namespace Simmer.Postgres;

/// <summary>A workflow whose row this transaction has locked.</summary>
internal sealed record LockedWorkflow(WorkflowId Id, int Steps, bool CancelRequested, WorkflowState State);
