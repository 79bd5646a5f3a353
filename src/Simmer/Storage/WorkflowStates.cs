namespace Simmer.Storage;

/// <summary>The states of a workflow as the databases keep them, as texts for SQL; see <see cref="JobStates"/>.</summary>
internal static class WorkflowStates
{
    /// <summary><see cref="WorkflowState.Running"/>.</summary>
    public const string Running = "1";

    /// <summary><see cref="WorkflowState.Succeeded"/>.</summary>
    public const string Succeeded = "2";

    /// <summary><see cref="WorkflowState.Failed"/>.</summary>
    public const string Failed = "3";

    /// <summary><see cref="WorkflowState.Cancelled"/>.</summary>
    public const string Cancelled = "4";
}
