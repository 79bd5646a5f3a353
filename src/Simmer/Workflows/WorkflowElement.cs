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
    /// <param name="before">What its first steps wait for.</param>
    /// <param name="path">The beginning of the names of its steps.</param>
    /// <returns>Its last steps, for which what follows waits.</returns>
    internal abstract Exits AddTo(GraphBuilder graph, Entry before, string path);
}

/// <summary>A single job as an element of a chain or group.</summary>
internal sealed class JobElement(string? name, IJob job, IJob? undo, EnqueueOptions? options) : WorkflowElement
{
    public IJob Job => job;

    public EnqueueOptions? Options => options;

    /// <summary>A step that gets its name from the job's kind.</summary>
    public static JobElement Of(IJob job, IJob? undo, EnqueueOptions? options)
    {
        ArgumentNullException.ThrowIfNull(job);
        return new(null, job, undo, options);
    }

    /// <summary>A step with a name of its own, which is checked when the workflow is put together.</summary>
    public static JobElement Of(string name, IJob job, IJob? undo, EnqueueOptions? options)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(job);
        return new(name, job, undo, options);
    }

    internal override Exits AddTo(GraphBuilder graph, Entry before, string path) => graph.AddStep(path, name, job, undo, options, before);
}
