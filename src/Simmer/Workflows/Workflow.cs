using Simmer.Jobs;
using Simmer.Workflows;

namespace Simmer;

/// <summary>Named steps that wait for one another in any way but in a circle. Put together by one thread, then enqueued whole.</summary>
/// <param name="name">A name for people; at most 200 characters.</param>
public sealed class Workflow(string? name = null) : WorkflowElement
{
    private readonly List<Step> _steps = [];
    private TailStep? _onFailure;
    private TailStep? _finally;

    /// <summary>Its name.</summary>
    public string? Name { get; } = name;

    /// <summary>Adds a step.</summary>
    /// <param name="name">Its name, unique in the workflow: 1 to 200 characters without control characters.</param>
    /// <param name="job">What it does.</param>
    /// <param name="undo">Undoes it if it succeeded and something in the workflow failed or was cancelled; it may take the job's result as
    /// a parameter.</param>
    /// <param name="options">How to enqueue it; a delay counts from its release. An id or a unique key is refused.</param>
    /// <returns>The step, to say what it waits for; without that it starts at once.</returns>
    public Step Add(string name, IJob job, IJob? undo = null, EnqueueOptions? options = null) =>
        Add(new Step(this, name, JobElement.Of(name, job, undo, options)));

    /// <inheritdoc cref="Add(string, IJob, IJob?, EnqueueOptions?)"/>
    /// <typeparam name="TResult">What the job gives.</typeparam>
    public Step<TResult> Add<TResult>(string name, IJob<TResult> job, IJob? undo = null, EnqueueOptions? options = null) =>
        Add(new Step<TResult>(this, name, JobElement.Of(name, job, undo, options)));

    /// <summary>Adds a chain or a group as one step; the names of its steps begin with this one and a slash.</summary>
    /// <param name="name">Its name, unique in the workflow: 1 to 200 characters without control characters.</param>
    /// <param name="element">The chain or the group.</param>
    /// <returns>The step.</returns>
    public Step Add(string name, WorkflowElement element) => Add(new Step(this, name, Nested(element)));

    /// <inheritdoc cref="Add(string, WorkflowElement)"/>
    /// <typeparam name="TResult">What the chain gives.</typeparam>
    public Step<TResult> Add<TResult>(string name, Chain<TResult> element) => Add(new Step<TResult>(this, name, Nested(element)));

    /// <inheritdoc cref="Add(string, WorkflowElement)"/>
    /// <typeparam name="TResult">What each member of the group gives.</typeparam>
    public Step<IReadOnlyList<TResult>> Add<TResult>(string name, Group<TResult> element) =>
        Add(new Step<IReadOnlyList<TResult>>(this, name, Nested(element)));

    /// <summary>Runs a job once if any step failed or was cancelled, after the undo steps. The step is named <c>on-failure</c>.</summary>
    /// <param name="job">The job.</param>
    /// <param name="options">How to enqueue it; a delay counts from its release. An id or a unique key is refused.</param>
    /// <returns>The workflow.</returns>
    /// <exception cref="InvalidOperationException">The workflow has one already.</exception>
    public Workflow OnFailure(IJob job, EnqueueOptions? options = null)
    {
        _onFailure = TailStep.Once(_onFailure, "OnFailure", job, options);
        return this;
    }

    /// <summary>Runs a job once if any step failed or was cancelled, after the undo steps.</summary>
    /// <param name="name">The step's name, unique in the workflow: 1 to 200 characters without control characters.</param>
    /// <param name="job">The job.</param>
    /// <param name="options">How to enqueue it; a delay counts from its release. An id or a unique key is refused.</param>
    /// <returns>The workflow.</returns>
    /// <exception cref="InvalidOperationException">The workflow has one already.</exception>
    public Workflow OnFailure(string name, IJob job, EnqueueOptions? options = null)
    {
        _onFailure = TailStep.Once(_onFailure, "OnFailure", name, job, options);
        return this;
    }

    /// <summary>Runs a job when all else has ended, however it ended. The step is named <c>finally</c>.</summary>
    /// <inheritdoc cref="OnFailure(IJob, EnqueueOptions?)"/>
    public Workflow Finally(IJob job, EnqueueOptions? options = null)
    {
        _finally = TailStep.Once(_finally, "Finally", job, options);
        return this;
    }

    /// <summary>Runs a job when all else has ended, however it ended.</summary>
    /// <inheritdoc cref="OnFailure(string, IJob, EnqueueOptions?)"/>
    public Workflow Finally(string name, IJob job, EnqueueOptions? options = null)
    {
        _finally = TailStep.Once(_finally, "Finally", name, job, options);
        return this;
    }

    internal override Exits AddTo(GraphBuilder graph, Entry before, string path)
    {
        using var scope = graph.Open(_onFailure, _finally, path);

        // Steps are numbered parents first. So a step has a higher number than all those that it waits for, and undoing the highest number
        // first undoes the latest work first.
        foreach (var step in StepOrder.ParentsFirst(_steps))
        {
            var entry = new Entry([.. step.Parents.Select(p => new Source(graph.ExitsOf(p.Parent), p.Labels))], step.StepRule);
            var element = (WorkflowElement)step.Element;
            graph.ExitsOf(step).Add(element.AddTo(graph, entry, element is JobElement ? path : path + step.Name + "/"));
        }

        return new Exits();
    }

    private TStep Add<TStep>(TStep step)
        where TStep : Step
    {
        StepNames.Check(step.Name);
        _steps.Add(step);
        return step;
    }

    private static WorkflowElement Nested(WorkflowElement element)
    {
        ArgumentNullException.ThrowIfNull(element);
        return element is Workflow
            ? throw new ArgumentException("A workflow cannot be a step of another; chains and groups can.", nameof(element))
            : element;
    }
}
