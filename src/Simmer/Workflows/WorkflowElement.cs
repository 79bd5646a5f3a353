using Simmer.Workflows;

namespace Simmer;

/// <summary>A part of a workflow: a <see cref="Chain"/>, a <see cref="Group"/>, or a whole <see cref="Workflow"/>. Chains and groups may
/// stand as one element of another.</summary>
public abstract class WorkflowElement
{
    private protected WorkflowElement()
    {
    }

    /// <summary>Adds the element's steps to a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="before">What they come after.</param>
    /// <param name="path">What their names begin with.</param>
    /// <returns>What whoever follows comes after.</returns>
    internal abstract Exits AddTo(GraphBuilder graph, Entry before, string path);
}

/// <summary>A job as an element: what the builders put into chains and groups.</summary>
internal sealed class JobElement(IJob job, string? name, IJob? undo, EnqueueOptions? options) : WorkflowElement
{
    public IJob Job => job;

    public EnqueueOptions? Options => options;

    internal override Exits AddTo(GraphBuilder graph, Entry before, string path) => graph.AddStep(path, name, job, undo, options, before);
}
