using System.Data.Common;

namespace Simmer;

/// <summary>Enqueues jobs and workflows, looks at them, waits for them and steers them one by one. A singleton; safe for concurrent
/// use. For lists, counts, queues and changes to many jobs there is <see cref="IJobOperator"/>.</summary>
/// <remarks>What is done to a job is done to a workflow by the same method with a <see cref="WorkflowId"/>. A process with a database has
/// two stores, that and its own memory; an id is looked for in both, so a caller need not know where a job is. Jobs in the memory of
/// another process are not found.</remarks>
public interface IJobClient
{
    /// <summary>Enqueues a job. On a durable queue the task ends after the commit; then the job is safe.</summary>
    /// <param name="job">The job; its kind must be registered with <c>AddJob</c>.</param>
    /// <param name="options">How; <see langword="null"/>: as its kind says.</param>
    /// <param name="cancellationToken">Stops waiting; the job may have been stored all the same.</param>
    /// <returns>A handle on the job: on the one that holds the unique key, if there is one (<see cref="JobHandle.IsDuplicate"/>).</returns>
    /// <exception cref="InvalidOperationException">The job's kind is not registered, its queue is not declared, or the call is inside a
    /// <c>TransactionScope</c>, which it cannot be part of: use <see cref="Within"/>. Nothing was enqueued.</exception>
    /// <exception cref="ArgumentException">An option is out of range, or the record cannot be stored as JSON or is over the
    /// limit.</exception>
    /// <exception cref="QueueFullException">The in-memory queue is full.</exception>
    /// <exception cref="StoreException">The store refused, or cannot be reached.</exception>
    Task<JobHandle> EnqueueAsync(IJob job, EnqueueOptions? options = null, CancellationToken cancellationToken = default);

    /// <inheritdoc cref="EnqueueAsync(IJob, EnqueueOptions?, CancellationToken)"/>
    /// <typeparam name="TResult">What the job gives.</typeparam>
    Task<JobHandle<TResult>> EnqueueAsync<TResult>(IJob<TResult> job, EnqueueOptions? options = null,
        CancellationToken cancellationToken = default);

    /// <summary>Enqueues many jobs in one round trip: of those that go to one store, all are stored or none.</summary>
    /// <remarks>On a database that is one transaction, so a call has at most 100,000 jobs, which take at most 64 MiB together (a job takes
    /// the bytes of its record as JSON, and 200 more). Give more in several calls. A call of more than 1,000 jobs or 4 MiB is a transaction
    /// of its own, for which all other callers of the process wait; smaller ones share theirs. In memory there is no such limit but the
    /// queue's <see cref="QueueOptions.Capacity"/>.</remarks>
    /// <param name="jobs">The jobs.</param>
    /// <param name="options">How, for all of them; an id or a unique key is refused here.</param>
    /// <param name="cancellationToken">Stops waiting; the jobs may have been stored all the same.</param>
    /// <returns>Their handles, in the same order.</returns>
    /// <exception cref="InvalidOperationException">A kind is not registered, a queue is not declared, or the call is inside a
    /// <c>TransactionScope</c>, which it cannot be part of: use <see cref="Within"/>. Nothing was enqueued.</exception>
    /// <exception cref="ArgumentException">An option is out of range, a record cannot be stored as JSON or is over the limit, or the call
    /// has more jobs or bytes than a database takes at once. Nothing was enqueued.</exception>
    /// <exception cref="QueueFullException">An in-memory queue is full.</exception>
    /// <exception cref="StoreException">The store refused, or cannot be reached.</exception>
    Task<IReadOnlyList<JobHandle>> EnqueueManyAsync(IEnumerable<IJob> jobs, EnqueueOptions? options = null,
        CancellationToken cancellationToken = default);

    /// <summary>Enqueues many jobs in one round trip, each with its own options.</summary>
    /// <inheritdoc cref="EnqueueManyAsync(IEnumerable{IJob}, EnqueueOptions?, CancellationToken)" path="/remarks|/exception"/>
    /// <param name="jobs">The jobs and how to enqueue each.</param>
    /// <param name="cancellationToken">Stops waiting; the jobs may have been stored all the same.</param>
    /// <returns>Their handles, in the same order.</returns>
    Task<IReadOnlyList<JobHandle>> EnqueueManyAsync(IEnumerable<(IJob Job, EnqueueOptions? Options)> jobs,
        CancellationToken cancellationToken = default);

    /// <summary>Enqueues a chain, a group or a workflow, whole or not at all. On durable queues the task ends after the commit; then all of
    /// it is safe.</summary>
    /// <remarks>A database stores it in one transaction, so it takes at most 100,000 steps and 64 MiB, as with
    /// <see cref="EnqueueManyAsync(IEnumerable{IJob}, EnqueueOptions?, CancellationToken)"/>. Steps that add others when they run may go
    /// beyond that.</remarks>
    /// <param name="workflow">What is to be done.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellationToken">Stops waiting; the workflow may have been stored all the same.</param>
    /// <returns>A handle on it; on the one stored before, if there is one of the same id
    /// (<see cref="WorkflowHandle.IsDuplicate"/>).</returns>
    /// <exception cref="InvalidOperationException">A kind is not registered, a queue is not declared, or the call is inside a
    /// <c>TransactionScope</c>, which it cannot be part of: use <see cref="Within"/>.</exception>
    /// <exception cref="ArgumentException">Steps wait in a circle, two have one name, a result is taken that nobody gives, durable queues
    /// are mixed with queues in memory, an option is out of range, a payload is over the limit, or there are more steps or bytes than a
    /// database takes at once. Nothing was stored.</exception>
    /// <exception cref="QueueFullException">An in-memory queue is full.</exception>
    /// <exception cref="StoreException">The store refused, or cannot be reached.</exception>
    Task<WorkflowHandle> EnqueueAsync(WorkflowElement workflow, WorkflowOptions? options = null,
        CancellationToken cancellationToken = default);

    /// <inheritdoc cref="EnqueueAsync(WorkflowElement, WorkflowOptions?, CancellationToken)"/>
    /// <typeparam name="TResult">What the chain's last job gives.</typeparam>
    Task<WorkflowHandle<TResult>> EnqueueAsync<TResult>(Chain<TResult> workflow, WorkflowOptions? options = null,
        CancellationToken cancellationToken = default);

    /// <summary>Looks a job up, finished or not.</summary>
    /// <param name="id">The job.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The job, or <see langword="null"/>: pruned, deleted, never stored, or in the memory of another process.</returns>
    /// <exception cref="StoreException">The store cannot be reached.</exception>
    Task<JobRecord?> GetAsync(JobId id, CancellationToken cancellationToken = default);

    /// <summary>Looks a workflow up, finished or not.</summary>
    /// <param name="id">The workflow.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The workflow, or <see langword="null"/>: pruned, deleted, never stored, or in the memory of another process.</returns>
    /// <exception cref="StoreException">The store cannot be reached.</exception>
    Task<WorkflowRecord?> GetAsync(WorkflowId id, CancellationToken cancellationToken = default);

    /// <summary>The steps of a workflow.</summary>
    /// <param name="id">The workflow.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The steps by their numbers; none if there is no such workflow.</returns>
    /// <exception cref="StoreException">The store cannot be reached.</exception>
    Task<IReadOnlyList<StepRecord>> GetStepsAsync(WorkflowId id, CancellationToken cancellationToken = default);

    /// <summary>The job's snapshots as they change, ending with its final state, or with <see cref="JobState.Unknown"/> and the reason when
    /// it has finished and its record is not kept.</summary>
    /// <param name="id">The job.</param>
    /// <param name="afterVersion">Snapshots up to this version are not given again; -1: begin with the present one.</param>
    /// <param name="cancellationToken">Ends the sequence.</param>
    /// <returns>The snapshots; some may be left out when they follow each other fast, the last never.</returns>
    IAsyncEnumerable<JobRecord> WatchAsync(JobId id, long afterVersion = -1, CancellationToken cancellationToken = default);

    /// <summary>The workflow's snapshots as it or one of its steps changes, ending with its final state (or when it is gone).</summary>
    /// <param name="id">The workflow.</param>
    /// <param name="afterVersion">Snapshots up to this version are not given again; -1: begin with the present one.</param>
    /// <param name="cancellationToken">Ends the sequence.</param>
    /// <returns>The snapshots; some may be left out when they follow each other fast, the last never.</returns>
    IAsyncEnumerable<WorkflowRecord> WatchAsync(WorkflowId id, long afterVersion = -1, CancellationToken cancellationToken = default);

    /// <summary>Waits until a job has finished, in whichever process.</summary>
    /// <param name="id">The job.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>Its final snapshot; one in state <see cref="JobState.Unknown"/>, with the reason, when it has finished and its record is
    /// not kept (where it ran, its end is told all the same); <see langword="null"/> when nothing is known of it (any more).</returns>
    /// <exception cref="StoreException">The store cannot be reached.</exception>
    Task<JobRecord?> WaitAsync(JobId id, CancellationToken cancellationToken = default);

    /// <summary>Waits until all steps of a workflow are final, in whichever process they run.</summary>
    /// <param name="id">The workflow.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>Its final snapshot, or <see langword="null"/> when it is not known (any more).</returns>
    /// <exception cref="StoreException">The store cannot be reached.</exception>
    Task<WorkflowRecord?> WaitAsync(WorkflowId id, CancellationToken cancellationToken = default);

    /// <summary>Cancels an unfinished job. A waiting one ends at once; a running one is told to stop, in whichever process.</summary>
    /// <param name="id">The job.</param>
    /// <param name="reason">Why, for the people who look at it; cut to 2,000 characters. <see langword="null"/>: nothing is said.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>What became of the request.</returns>
    /// <exception cref="StoreException">The store refused, or cannot be reached.</exception>
    Task<CancelResult> CancelAsync(JobId id, string? reason = null, CancellationToken cancellationToken = default);

    /// <summary>Cancels what is unfinished of a workflow's ordinary steps: waiting ones at once, running ones are told to stop. What had
    /// succeeded is undone, and the steps for a failure and for the end run: each of those can be cancelled as a job.</summary>
    /// <param name="id">The workflow.</param>
    /// <param name="reason">Why, for the people who look at it; cut to 2,000 characters. <see langword="null"/>: nothing is said.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>What became of the request.</returns>
    /// <exception cref="StoreException">The store refused some steps, of which the message tells, or cannot be reached.</exception>
    Task<CancelResult> CancelAsync(WorkflowId id, string? reason = null, CancellationToken cancellationToken = default);

    /// <summary>Runs a failed or cancelled job again, with a fresh set of attempts. A step of a workflow as well: what was skipped because
    /// of it waits again, and it is decided by its rule as any other.</summary>
    /// <param name="id">The job.</param>
    /// <param name="force">A step also when undo steps of its workflow have started (<see cref="RetryStatus.Compensated"/> otherwise);
    /// those stay as they are, and what they took back is not done again. Without effect on a job that is no step.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>What became of the request.</returns>
    /// <exception cref="StoreException">The store refused, or cannot be reached.</exception>
    Task<RetryResult> RetryAsync(JobId id, bool force = false, CancellationToken cancellationToken = default);

    /// <summary>Runs all steps of a workflow again that failed or were cancelled, each with a fresh set of attempts; what was skipped
    /// because of them waits again, what succeeded stays, also a step for a failure or for the end. A failed undo step is left alone;
    /// <see cref="RetryAsync(JobId, bool, CancellationToken)"/> runs it again.</summary>
    /// <param name="id">The workflow.</param>
    /// <param name="force">Also when undo steps have started (<see cref="RetryStatus.Compensated"/> otherwise); those stay as they are, and
    /// what they took back is not done again.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>What became of the request.</returns>
    /// <exception cref="StoreException">The store refused some steps, of which the message tells, or cannot be reached.</exception>
    Task<RetryResult> RetryAsync(WorkflowId id, bool force = false, CancellationToken cancellationToken = default);

    /// <summary>Deletes a job, finished or not, unless it runs or is a step of a workflow.</summary>
    /// <param name="id">The job.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>What became of the request.</returns>
    /// <exception cref="StoreException">The store refused, or cannot be reached.</exception>
    Task<DeleteResult> DeleteAsync(JobId id, CancellationToken cancellationToken = default);

    /// <summary>Deletes a workflow with all its steps, finished or not, unless one of them runs.</summary>
    /// <param name="id">The workflow.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>What became of the request.</returns>
    /// <exception cref="StoreException">The store refused, or cannot be reached.</exception>
    Task<DeleteResult> DeleteAsync(WorkflowId id, CancellationToken cancellationToken = default);

    /// <summary>The same client bound to the caller's transaction: jobs exist if and only if it commits.</summary>
    /// <param name="transaction">An open transaction on the store's own database.</param>
    /// <returns>A client whose enqueues are part of the transaction.</returns>
    /// <exception cref="InvalidOperationException">No store is configured that can share this transaction.</exception>
    IJobClient Within(DbTransaction transaction);
}
