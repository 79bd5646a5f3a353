using System.Runtime.CompilerServices;
using Simmer.Workflows;

namespace Simmer;

/// <summary>Jobs side by side. What follows the group starts when all of them have succeeded, and may take their results as an
/// <see cref="IReadOnlyList{T}"/>, in the order in which the members were added. A group without members has succeeded at once, with an
/// empty list. Immutable.</summary>
public class Group : WorkflowElement
{
    private readonly IReadOnlyList<WorkflowElement> _members;

    private protected Group(IReadOnlyList<WorkflowElement> members) => _members = members;

    private protected IReadOnlyList<WorkflowElement> Members => _members;

    /// <summary>The result type of the members, if all have the same one.</summary>
    private protected virtual Type? MemberResult => null;

    /// <summary>Makes a group of jobs that give results of one type.</summary>
    /// <typeparam name="TResult">What each of them gives.</typeparam>
    /// <param name="jobs">The jobs.</param>
    /// <returns>The group.</returns>
    // The priority decides for Group.Of() without arguments: it is a group of jobs.
    [OverloadResolutionPriority(1)]
    public static Group<TResult> Of<TResult>(params ReadOnlySpan<IJob<TResult>> jobs) => new(Elements(jobs.ToArray()));

    /// <inheritdoc cref="Of{TResult}(ReadOnlySpan{IJob{TResult}})"/>
    public static Group<TResult> Of<TResult>(IEnumerable<IJob<TResult>> jobs) => new(Elements(jobs));

    /// <summary>Makes a group of chains that end in a result of one type.</summary>
    /// <typeparam name="TResult">What each of them gives.</typeparam>
    /// <param name="chains">The chains.</param>
    /// <returns>The group.</returns>
    public static Group<TResult> Of<TResult>(params ReadOnlySpan<Chain<TResult>> chains) => new([.. chains]);

    /// <inheritdoc cref="Of{TResult}(ReadOnlySpan{Chain{TResult}})"/>
    public static Group<TResult> Of<TResult>(IEnumerable<Chain<TResult>> chains) => new([.. Checked(chains)]);

    /// <summary>Makes a group of jobs.</summary>
    /// <param name="jobs">The jobs.</param>
    /// <returns>The group.</returns>
    [OverloadResolutionPriority(1)]
    public static Group Of(params ReadOnlySpan<IJob> jobs) => new(Elements(jobs.ToArray()));

    /// <inheritdoc cref="Of(ReadOnlySpan{IJob})"/>
    public static Group Of(IEnumerable<IJob> jobs) => new(Elements(jobs));

    /// <summary>Makes a group of chains and groups.</summary>
    /// <param name="elements">The elements.</param>
    /// <returns>The group.</returns>
    public static Group Of(params ReadOnlySpan<WorkflowElement> elements) => new([.. elements.ToArray().Select(Nested)]);

    /// <inheritdoc cref="Of(ReadOnlySpan{WorkflowElement})"/>
    public static Group Of(IEnumerable<WorkflowElement> elements) => new([.. Checked(elements).Select(Nested)]);

    /// <summary>Adds a job. The step has the name of the job's kind.</summary>
    /// <param name="job">The job.</param>
    /// <param name="undo">Undoes it if it succeeded and something in the workflow failed or was cancelled; it may take the job's result as
    /// a parameter.</param>
    /// <param name="options">How to enqueue it; a delay counts from its release. An id or a unique key is refused.</param>
    /// <returns>The larger group.</returns>
    public Group And(IJob job, IJob? undo = null, EnqueueOptions? options = null) =>
        new([.. _members, JobElement.Of(job, undo, options)]);

    /// <summary>Adds a job, as a step with a name of its own.</summary>
    /// <param name="name">The step's name, unique in the workflow: 1 to 200 characters without control characters.</param>
    /// <param name="job">The job.</param>
    /// <param name="undo">Undoes it if it succeeded and something in the workflow failed or was cancelled; it may take the job's result as
    /// a parameter.</param>
    /// <param name="options">How to enqueue it; a delay counts from its release. An id or a unique key is refused.</param>
    /// <returns>The larger group.</returns>
    public Group And(string name, IJob job, IJob? undo = null, EnqueueOptions? options = null) =>
        new([.. _members, JobElement.Of(name, job, undo, options)]);

    /// <summary>Adds a chain or a group.</summary>
    /// <param name="element">The element.</param>
    /// <returns>The larger group.</returns>
    public Group And(WorkflowElement element) => new([.. _members, Nested(element)]);

    internal override Exits AddTo(GraphBuilder graph, Entry before, string path)
    {
        if (_members.Count == 0)
        {
            return Exits.Through(before, MemberResult);
        }

        var all = new Exits();
        foreach (var member in _members)
        {
            all.Add(member.AddTo(graph, before, path));
        }

        return all;
    }

    private protected static WorkflowElement Nested(WorkflowElement element)
    {
        ArgumentNullException.ThrowIfNull(element);
        return element is Workflow
            ? throw new ArgumentException("A workflow cannot be a part of a group; chains and groups can.", nameof(element))
            : element;
    }

    private static IReadOnlyList<WorkflowElement> Elements(IEnumerable<IJob> jobs) =>
        [.. Checked(jobs).Select(static (job, i) =>
            JobElement.Of(job ?? throw new ArgumentException($"Member {i} of the group is null.", nameof(jobs)), null, null))];

    private static IEnumerable<T> Checked<T>(IEnumerable<T> items) => items ?? throw new ArgumentNullException(nameof(items));
}

/// <summary>A group whose members give results of one type.</summary>
/// <typeparam name="TResult">What each of them gives.</typeparam>
public sealed class Group<TResult> : Group
{
    internal Group(IReadOnlyList<WorkflowElement> members)
        : base(members)
    {
    }

    private protected override Type MemberResult => typeof(TResult);

    /// <inheritdoc cref="Group.And(IJob, IJob?, EnqueueOptions?)"/>
    public Group<TResult> And(IJob<TResult> job, IJob? undo = null, EnqueueOptions? options = null) =>
        new([.. Members, JobElement.Of(job, undo, options)]);

    /// <inheritdoc cref="Group.And(string, IJob, IJob?, EnqueueOptions?)"/>
    public Group<TResult> And(string name, IJob<TResult> job, IJob? undo = null, EnqueueOptions? options = null) =>
        new([.. Members, JobElement.Of(name, job, undo, options)]);

    /// <inheritdoc cref="Group.And(WorkflowElement)"/>
    public Group<TResult> And(Chain<TResult> chain) => new([.. Members, Nested(chain)]);
}
