namespace Simmer;

/// <summary>How one workflow is to be enqueued.</summary>
public sealed record WorkflowOptions
{
    /// <summary>The workflow's id, to make an enqueue repeatable: the same id enqueues once. See <see cref="WorkflowId.For"/>.</summary>
    /// <value>Default: a new id.</value>
    public WorkflowId? Id { get; init; }

    /// <summary>A name for people; at most 200 characters.</summary>
    /// <value>Default: that of the <see cref="Workflow"/>, else none.</value>
    public string? Name { get; init; }
}
