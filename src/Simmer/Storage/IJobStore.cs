using System.Diagnostics.CodeAnalysis;

namespace Simmer.Storage;

/// <summary>Stores jobs: the seam between the engine and a database. A store knows states, order, leases and uniqueness. It never sees CLR
/// job types, JSON options, retry policies or rules of logging, and it reads no clock of its process: time is an argument.</summary>
/// <remarks>Every verb is atomic unless its comment says otherwise. A verb that fails throws a <see cref="StoreException"/>. A store is
/// safe for concurrent use, though one worker sends one flush at a time. The engine calls it outside of its callers' contexts, so no
/// <see cref="SynchronizationContext"/> and no <see cref="TaskScheduler"/> of a caller is current.</remarks>
[Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
public interface IJobStore : IAsyncDisposable
{
    /// <summary>A short name for logs, metrics and errors, such as <c>sqlite</c>.</summary>
    string Name { get; }

    /// <summary>Whether jobs outlive the process.</summary>
    bool IsDurable { get; }

    /// <summary>Reads what is stored.</summary>
    IJobBrowser Browser { get; }

    /// <summary>Hints that something changed in the store by another process.</summary>
    IWakeups Wakeups { get; }

    /// <summary>Opens the store and brings its schema up to date. Called once, before any other verb.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>A task that ends when the store is usable.</returns>
    ValueTask InitializeAsync(CancellationToken cancellationToken);

    /// <summary>Registers this process as a worker with one lease.</summary>
    /// <param name="worker">What it is and offers.</param>
    /// <param name="now">The present time.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The worker's number, never given twice.</returns>
    ValueTask<WorkerId> RegisterAsync(WorkerInfo worker, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Removes the worker's row. Jobs that it still owns become ready again and spend no attempt.</summary>
    /// <param name="worker">The worker.</param>
    /// <param name="now">The present time.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>A task that ends with the commit.</returns>
    ValueTask DeregisterAsync(WorkerId worker, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Renews the worker's lease, and with it all its claims; never behind a flush. Also reads what concerns this
    /// worker.</summary>
    /// <param name="request">Who beats.</param>
    /// <param name="now">The present time (a database uses its own clock for the lease).</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether the worker is still registered, the cancels meant for it, the queues with ready jobs, the next due time.</returns>
    ValueTask<BeatReport> BeatAsync(BeatRequest request, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>What a beat reads, without renewing the lease: for hints that come between two beats. Writes nothing.</summary>
    /// <param name="worker">The worker.</param>
    /// <param name="now">The present time.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The same as <see cref="BeatAsync"/>.</returns>
    ValueTask<BeatReport> PollAsync(WorkerId worker, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Takes or renews a lease on one kind of upkeep, so that one worker does it at a time.</summary>
    /// <param name="name">The name of the upkeep.</param>
    /// <param name="worker">The worker that wants the lease.</param>
    /// <param name="duration">For how long.</param>
    /// <param name="now">The present time.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether the worker has it now.</returns>
    ValueTask<bool> TryTakeUpkeepLeaseAsync(string name, WorkerId worker, TimeSpan duration, DateTimeOffset now,
        CancellationToken cancellationToken);

    /// <summary>Carries out a flush: settles, gives back, notes progress, enqueues jobs and workflows, and claims, in this order, in one
    /// transaction. A step that ends releases or skips the steps that waited for it alone, in the same transaction and before the
    /// claims.</summary>
    /// <remarks>A flush carries its worker and a number. Sent again under the same number after a lost answer, it takes effect once. A
    /// worker whose row is gone claims and dispatches nothing, and the jobs it enqueues become ready. An operation that the database
    /// refuses fails alone.</remarks>
    /// <param name="flush">The operations. The store may use the lists until it answers; then the engine fills them again.</param>
    /// <param name="now">The present time.</param>
    /// <param name="cancellationToken">Gives up waiting to begin; once begun, a flush is carried out.</param>
    /// <returns>What became of each operation, in the order of the flush.</returns>
    ValueTask<FlushReport> FlushAsync(Flush flush, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Reads the jobs that a worker owns. After a lost answer the worker adopts or gives back those that it does not know of. The
    /// call changes none of them, even if a row cannot be read: a handler may be running the job, and its end counts.</summary>
    /// <param name="worker">The worker.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Its claims, and what cannot be read.</returns>
    ValueTask<OwnedJobs> ClaimsOfAsync(WorkerId worker, CancellationToken cancellationToken);

    /// <summary>Makes scheduled jobs ready that are due.</summary>
    /// <param name="limit">How many at most.</param>
    /// <param name="now">The present time.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>How many, of which queues, and when the next is due.</returns>
    ValueTask<PromoteReport> PromoteDueAsync(int limit, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Declares workers dead whose lease is over, and takes back their jobs and those whose owner no longer exists.</summary>
    /// <remarks>A job that is taken back becomes a suspect, or one of a higher level. Its attempt is forgiven, unless its level had allowed
    /// no other suspect beside it (<see cref="SuspectRoom.AfterDeath"/>). A requested cancel becomes <see cref="JobState.Cancelled"/>, and
    /// the job is kept as long as its queue says (<see cref="QueuePolicy.KeepFailed"/>). The call is more than one transaction: the workers
    /// are declared dead first, then their jobs are taken back in batches.</remarks>
    /// <param name="request">Which workers, as last seen, and whether to sweep orphans.</param>
    /// <param name="now">The present time.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Who was declared dead and what was rescued.</returns>
    ValueTask<RescueReport> RescueAsync(RescueRequest request, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Deletes finished jobs whose retention is over, and cancels waiting ones that have expired. The latter
    /// are kept as long as their queue says (<see cref="QueuePolicy.KeepFailed"/>).</summary>
    /// <param name="limit">How many rows at most.</param>
    /// <param name="now">The present time.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>How many were deleted and which were cancelled.</returns>
    ValueTask<PruneReport> PruneAsync(int limit, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Cancels jobs: waiting ones at once, running ones by a signal that their worker's beat reads. What ends here is kept as
    /// long as its queue says (<see cref="QueuePolicy.KeepFailed"/>). If the database refuses the cancel of one job, that one fails alone
    /// (<see cref="CancelReport.Error"/>).</summary>
    /// <param name="ids">The jobs.</param>
    /// <param name="reason">Why.</param>
    /// <param name="now">The present time.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>An answer a job, in the same order.</returns>
    ValueTask<IReadOnlyList<CancelReport>> CancelAsync(IReadOnlyList<JobId> ids, string? reason, DateTimeOffset now,
        CancellationToken cancellationToken);

    /// <summary>Makes failed and cancelled jobs ready again, and forgives the attempts they have spent. A step runs again as with
    /// <see cref="RetryWorkflowAsync"/> without force. If the database refuses the retry of one job, that one fails alone
    /// (<see cref="RetryResult.Error"/>).</summary>
    /// <param name="ids">The jobs.</param>
    /// <param name="now">The present time.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>An answer a job, in the same order.</returns>
    ValueTask<IReadOnlyList<RetryResult>> RetryAsync(IReadOnlyList<JobId> ids, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Deletes jobs that do not run and are no steps. A step stays until its workflow is deleted, because other steps read its
    /// result; but an unfinished step whose row cannot be read ends as cancelled, so that the steps after it go on by their
    /// rules.</summary>
    /// <param name="ids">The jobs.</param>
    /// <param name="now">The present time.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>How many were deleted; running ones are left.</returns>
    /// <exception cref="StoreException">The database refused to delete some; the others of the call are deleted, as the message
    /// says.</exception>
    ValueTask<int> DeleteAsync(IReadOnlyList<JobId> ids, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Cancels the unfinished ordinary steps of a workflow: waiting ones at once, running ones by a signal as in
    /// <see cref="CancelAsync"/>. Its undo, OnFailure and Finally steps follow by their rules. If the database refuses the cancel of one
    /// step, that one fails alone (<see cref="WorkflowCancelReport.Refused"/>).</summary>
    /// <param name="id">The workflow.</param>
    /// <param name="reason">Why.</param>
    /// <param name="now">The present time.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What became of it; <see cref="CancelResult.AlreadyFinished"/> if no ordinary step is unfinished.</returns>
    ValueTask<WorkflowCancelReport> CancelWorkflowAsync(WorkflowId id, string? reason, DateTimeOffset now,
        CancellationToken cancellationToken);

    /// <summary>Runs steps of a workflow again that failed or were cancelled. Steps that were skipped because of them wait again; steps
    /// that ran stay as they are. If the database refuses the retry of one step, it stays as it is and the others run again
    /// (<see cref="RetryResult.Error"/>).</summary>
    /// <param name="request">Which steps.</param>
    /// <param name="now">The present time.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What became of it: <see cref="RetryStatus.Compensated"/> if an undo step has started and force was not asked for.</returns>
    ValueTask<RetryResult> RetryWorkflowAsync(WorkflowRetryRequest request, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Deletes a workflow with all its steps, finished or not, unless one of them runs.</summary>
    /// <param name="id">The workflow.</param>
    /// <param name="now">The present time.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What became of it.</returns>
    ValueTask<DeleteResult> DeleteWorkflowAsync(WorkflowId id, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Stores what an application declares of its queues. The newest version of the application counts, whoever starts last; of
    /// two declarations of one version the first. What an operator has set stays.</summary>
    /// <param name="queues">The queues, each once.</param>
    /// <param name="version">The version of the application.</param>
    /// <param name="now">The present time.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>An answer a queue, in the same order.</returns>
    ValueTask<IReadOnlyList<QueuePutReport>> PutQueuesAsync(IReadOnlyList<QueuePolicy> queues, Version version, DateTimeOffset now,
        CancellationToken cancellationToken);

    /// <summary>Pauses a queue for every worker: none of its jobs starts until it is resumed, and what runs goes on. A queue that is paused
    /// already takes the new reason, and counts as paused since the first time.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="reason">Why, for people; cut at <see cref="StoreRules.LongestReason"/>.</param>
    /// <param name="by">Who wants it, for people; cut at <see cref="StoreRules.LongestName"/>.</param>
    /// <param name="now">The present time.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>A task that ends with the commit.</returns>
    ValueTask PauseQueueAsync(string queue, string? reason, string? by, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Ends the pause of a queue.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="now">The present time.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>A task that ends with the commit.</returns>
    ValueTask ResumeQueueAsync(string queue, DateTimeOffset now, CancellationToken cancellationToken);
}
