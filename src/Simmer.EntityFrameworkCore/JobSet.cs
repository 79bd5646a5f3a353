namespace Simmer.EntityFrameworkCore;

/// <summary>The jobs of a <c>DbContext</c> that wait for its next <c>SaveChanges</c>, as added entities do. Like the context, not safe for
/// concurrent use.</summary>
/// <remarks>
/// A job exists if and only if the transaction commits in which <c>SaveChanges</c> wrote it: its own, or the one that was begun with
/// <c>Database.BeginTransaction</c>. When <c>SaveChanges</c> fails, the jobs wait on, like the entities, under the ids that they have:
/// whatever is tried again, by an execution strategy or by hand, each is stored once. Disposing the context, returning it to its pool and
/// <c>ChangeTracker.Clear()</c> drop what waits. </remarks>
public sealed class JobSet
{
    private readonly PendingJobs _pending;

    internal JobSet(PendingJobs pending) => _pending = pending;

    /// <summary>How many jobs and workflows wait for the next <c>SaveChanges</c>.</summary>
    public int Count => _pending.Count;

    /// <summary>Adds a job. It is checked and serialised at once: later changes of the object are not stored, and a
    /// <see cref="EnqueueOptions.Delay"/> begins now.</summary>
    /// <param name="job">The job; its kind must be registered with <c>AddJob</c>.</param>
    /// <param name="options">How to enqueue it; <see langword="null"/>: with the defaults of its kind.</param>
    /// <returns>A handle with the job's id. Its <see cref="JobHandle.State"/> is <see cref="JobState.Unknown"/> until the job was saved; if
    /// another job then holds the unique key, it becomes the handle of that one.</returns>
    /// <exception cref="InvalidOperationException">The job's kind is not registered, its queue is not declared or in memory, or no database
    /// is configured for Simmer.</exception>
    /// <exception cref="ArgumentException">An option is out of range, the payload is over the limit, or the id was added before and not
    /// saved yet.</exception>
    /// <exception cref="ObjectDisposedException">The context is disposed.</exception>
    public JobHandle Add(IJob job, EnqueueOptions? options = null)
    {
        _pending.Add(_pending.Enqueues.Defer(job, options, out var handle));
        return handle;
    }

    /// <inheritdoc cref="Add(IJob, EnqueueOptions?)"/>
    /// <typeparam name="TResult">What the job gives.</typeparam>
    public JobHandle<TResult> Add<TResult>(IJob<TResult> job, EnqueueOptions? options = null)
    {
        _pending.Add(_pending.Enqueues.Defer(job, options, out var handle));
        return handle;
    }

    /// <summary>Adds a chain, a group or a workflow as a whole. It is checked and serialised at once.</summary>
    /// <param name="workflow">The chain, group or workflow.</param>
    /// <param name="options">How to enqueue it; <see langword="null"/>: with the defaults.</param>
    /// <returns>A handle with the workflow's id. Its <see cref="WorkflowHandle.State"/> is <see cref="WorkflowState.Unknown"/> until the
    /// workflow was saved.</returns>
    /// <exception cref="InvalidOperationException">A kind is not registered, a queue is not declared or in memory, or no database is
    /// configured for Simmer.</exception>
    /// <exception cref="ArgumentException">The workflow is refused as
    /// <see cref="IJobClient.EnqueueAsync(WorkflowElement, WorkflowOptions?, CancellationToken)"/> refuses it, or its id was added before
    /// and not saved yet.</exception>
    /// <exception cref="ObjectDisposedException">The context is disposed.</exception>
    public WorkflowHandle Add(WorkflowElement workflow, WorkflowOptions? options = null)
    {
        _pending.Add(_pending.Enqueues.Defer(workflow, options, out var handle));
        return handle;
    }

    /// <inheritdoc cref="Add(WorkflowElement, WorkflowOptions?)"/>
    /// <typeparam name="TResult">What the chain's last job gives.</typeparam>
    public WorkflowHandle<TResult> Add<TResult>(Chain<TResult> workflow, WorkflowOptions? options = null)
    {
        _pending.Add(_pending.Enqueues.Defer(workflow, options, out var handle));
        return handle;
    }

    /// <summary>Drops the jobs and workflows that wait: the next <c>SaveChanges</c> stores none of them. What an earlier <c>SaveChanges</c>
    /// has written stays in its transaction.</summary>
    public void Clear() => _pending.Clear();
}
