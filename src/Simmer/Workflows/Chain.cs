using Simmer.Workflows;

namespace Simmer;

/// <summary>Jobs one after another: each starts when the one before it has succeeded. Immutable: every method gives a new chain.</summary>
/// <remarks>When a step fails or is cancelled, those after it are skipped, and, once all ordinary steps are final, the undo of every step
/// that had succeeded runs, last first, one after another; it may take that step's result. A step's handler may take the result of the
/// nearest step before it that gives one as a parameter.</remarks>
public class Chain : WorkflowElement
{
    // A linked list from the last element to the first. So two chains may continue the same one, and adding an element takes constant time.
    private readonly Chain? _before;
    private readonly WorkflowElement _last;
    private readonly TailStep? _onFailure;
    private readonly TailStep? _finally;

    private protected Chain(Chain? before, WorkflowElement last, TailStep? onFailure, TailStep? @finally) =>
        (_before, _last, _onFailure, _finally) = (before, last, onFailure, @finally);

    private protected Chain(Chain same, TailStep? onFailure, TailStep? @finally)
        : this(same._before, same._last, onFailure, @finally)
    {
    }

    /// <summary>Begins a chain with a job. The step has the name of the job's kind.</summary>
    /// <param name="job">The first job.</param>
    /// <param name="undo">Undoes it if it succeeded and something in the workflow failed or was cancelled; it may take the job's result as
    /// a parameter.</param>
    /// <param name="options">How to enqueue it; a delay counts from its release. An id or a unique key is refused.</param>
    /// <returns>The chain.</returns>
    public static Chain Of(IJob job, IJob? undo = null, EnqueueOptions? options = null) =>
        new(null, JobElement.Of(job, undo, options), null, null);

    /// <inheritdoc cref="Of(IJob, IJob?, EnqueueOptions?)"/>
    /// <typeparam name="TResult">What the job gives.</typeparam>
    public static Chain<TResult> Of<TResult>(IJob<TResult> job, IJob? undo = null, EnqueueOptions? options = null) =>
        new(null, JobElement.Of(job, undo, options), null, null);

    /// <summary>Begins a chain with a job, as a step with a name of its own.</summary>
    /// <param name="name">The step's name, unique in the workflow: 1 to 200 characters without control characters.</param>
    /// <param name="job">The first job.</param>
    /// <param name="undo">Undoes it if it succeeded and something in the workflow failed or was cancelled; it may take the job's result as
    /// a parameter.</param>
    /// <param name="options">How to enqueue it; a delay counts from its release. An id or a unique key is refused.</param>
    /// <returns>The chain.</returns>
    public static Chain Of(string name, IJob job, IJob? undo = null, EnqueueOptions? options = null) =>
        new(null, JobElement.Of(name, job, undo, options), null, null);

    /// <inheritdoc cref="Of(string, IJob, IJob?, EnqueueOptions?)"/>
    /// <typeparam name="TResult">What the job gives.</typeparam>
    public static Chain<TResult> Of<TResult>(string name, IJob<TResult> job, IJob? undo = null, EnqueueOptions? options = null) =>
        new(null, JobElement.Of(name, job, undo, options), null, null);

    /// <summary>Begins a chain with a group or another chain.</summary>
    /// <param name="element">The element.</param>
    /// <returns>The chain.</returns>
    public static Chain Of(WorkflowElement element) => new(null, Nested(element), null, null);

    /// <summary>Goes on with a job. The step has the name of the job's kind.</summary>
    /// <param name="job">The next job.</param>
    /// <param name="undo">Undoes it if it succeeded and something in the workflow failed or was cancelled; it may take the job's result as
    /// a parameter.</param>
    /// <param name="options">How to enqueue it; a delay counts from its release. An id or a unique key is refused.</param>
    /// <returns>The longer chain.</returns>
    public Chain Then(IJob job, IJob? undo = null, EnqueueOptions? options = null) =>
        new(this, JobElement.Of(job, undo, options), _onFailure, _finally);

    /// <inheritdoc cref="Then(IJob, IJob?, EnqueueOptions?)"/>
    /// <typeparam name="TResult">What the job gives.</typeparam>
    public Chain<TResult> Then<TResult>(IJob<TResult> job, IJob? undo = null, EnqueueOptions? options = null) =>
        new(this, JobElement.Of(job, undo, options), _onFailure, _finally);

    /// <summary>Goes on with a job, as a step with a name of its own.</summary>
    /// <param name="name">The step's name, unique in the workflow: 1 to 200 characters without control characters.</param>
    /// <param name="job">The next job.</param>
    /// <param name="undo">Undoes it if it succeeded and something in the workflow failed or was cancelled; it may take the job's result as
    /// a parameter.</param>
    /// <param name="options">How to enqueue it; a delay counts from its release. An id or a unique key is refused.</param>
    /// <returns>The longer chain.</returns>
    public Chain Then(string name, IJob job, IJob? undo = null, EnqueueOptions? options = null) =>
        new(this, JobElement.Of(name, job, undo, options), _onFailure, _finally);

    /// <inheritdoc cref="Then(string, IJob, IJob?, EnqueueOptions?)"/>
    /// <typeparam name="TResult">What the job gives.</typeparam>
    public Chain<TResult> Then<TResult>(string name, IJob<TResult> job, IJob? undo = null, EnqueueOptions? options = null) =>
        new(this, JobElement.Of(name, job, undo, options), _onFailure, _finally);

    /// <summary>Goes on with a group (whose members run side by side) or another chain.</summary>
    /// <param name="element">The element.</param>
    /// <returns>The longer chain.</returns>
    public Chain Then(WorkflowElement element) => new(this, Nested(element), _onFailure, _finally);

    /// <summary>Runs a job once if any step of this chain failed or was cancelled, after all undo steps of the workflow. A failure before
    /// the chain, for which its steps are skipped, does not count. The step is named
    /// <c>on-failure</c>.</summary>
    /// <param name="job">The job.</param>
    /// <param name="options">How to enqueue it; a delay counts from its release. An id or a unique key is refused.</param>
    /// <returns>The chain with it.</returns>
    /// <exception cref="InvalidOperationException">The chain has one already.</exception>
    public Chain OnFailure(IJob job, EnqueueOptions? options = null) =>
        new(this, TailStep.Once(_onFailure, "OnFailure", job, options), _finally);

    /// <summary>Runs a job once if any step of this chain failed or was cancelled, after all undo steps of the workflow. A failure before
    /// the chain, for which its steps are skipped, does not count.</summary>
    /// <param name="name">The step's name, unique in the workflow: 1 to 200 characters without control characters.</param>
    /// <param name="job">The job.</param>
    /// <param name="options">How to enqueue it; a delay counts from its release. An id or a unique key is refused.</param>
    /// <returns>The chain with it.</returns>
    /// <exception cref="InvalidOperationException">The chain has one already.</exception>
    public Chain OnFailure(string name, IJob job, EnqueueOptions? options = null) =>
        new(this, TailStep.Once(_onFailure, "OnFailure", name, job, options), _finally);

    /// <summary>Runs a job when all steps of this chain have ended, however they ended, and after all undo steps and <c>OnFailure</c> steps
    /// of the workflow. What follows the chain does not wait for it. The step is named <c>finally</c>.</summary>
    /// <inheritdoc cref="OnFailure(IJob, EnqueueOptions?)"/>
    public Chain Finally(IJob job, EnqueueOptions? options = null) =>
        new(this, _onFailure, TailStep.Once(_finally, "Finally", job, options));

    /// <summary>Runs a job when all steps of this chain have ended, however they ended, and after all undo steps and <c>OnFailure</c> steps
    /// of the workflow. What follows the chain does not wait for it.</summary>
    /// <inheritdoc cref="OnFailure(string, IJob, EnqueueOptions?)"/>
    public Chain Finally(string name, IJob job, EnqueueOptions? options = null) =>
        new(this, _onFailure, TailStep.Once(_finally, "Finally", name, job, options));

    internal override Exits AddTo(GraphBuilder graph, Entry before, string path)
    {
        var elements = new Stack<WorkflowElement>();
        for (var chain = this; chain is not null; chain = chain._before)
        {
            elements.Push(chain._last);
        }

        using var scope = graph.Open(_onFailure, _finally, path);
        Exits? exits = null;
        foreach (var element in elements)
        {
            exits = element.AddTo(graph, exits is null ? before : new Entry(exits), path);
        }

        return exits!;
    }

    private protected TailStep? OnFailureStep => _onFailure;

    private protected TailStep? FinallyStep => _finally;

    private protected static WorkflowElement Nested(WorkflowElement element)
    {
        ArgumentNullException.ThrowIfNull(element);
        return element is Workflow
            ? throw new ArgumentException("A workflow cannot be a part of a chain; chains and groups can.", nameof(element))
            : element;
    }
}

/// <summary>A chain whose last job gives a result.</summary>
/// <typeparam name="TResult">The result's type.</typeparam>
public sealed class Chain<TResult> : Chain
{
    internal Chain(Chain? before, WorkflowElement last, TailStep? onFailure, TailStep? @finally)
        : base(before, last, onFailure, @finally)
    {
    }

    private Chain(Chain same, TailStep? onFailure, TailStep? @finally)
        : base(same, onFailure, @finally)
    {
    }

    /// <inheritdoc cref="Chain.OnFailure(IJob, EnqueueOptions?)"/>
    public new Chain<TResult> OnFailure(IJob job, EnqueueOptions? options = null) =>
        new(this, TailStep.Once(OnFailureStep, "OnFailure", job, options), FinallyStep);

    /// <inheritdoc cref="Chain.OnFailure(string, IJob, EnqueueOptions?)"/>
    public new Chain<TResult> OnFailure(string name, IJob job, EnqueueOptions? options = null) =>
        new(this, TailStep.Once(OnFailureStep, "OnFailure", name, job, options), FinallyStep);

    /// <inheritdoc cref="Chain.Finally(IJob, EnqueueOptions?)"/>
    public new Chain<TResult> Finally(IJob job, EnqueueOptions? options = null) =>
        new(this, OnFailureStep, TailStep.Once(FinallyStep, "Finally", job, options));

    /// <inheritdoc cref="Chain.Finally(string, IJob, EnqueueOptions?)"/>
    public new Chain<TResult> Finally(string name, IJob job, EnqueueOptions? options = null) =>
        new(this, OnFailureStep, TailStep.Once(FinallyStep, "Finally", name, job, options));
}
