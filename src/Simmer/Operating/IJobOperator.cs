namespace Simmer;

/// <summary>Looks over all jobs and changes many at a time, for tools and pages of those who operate an application. A singleton; safe for
/// concurrent use.</summary>
/// <remarks>
/// <para>A process with a database has two stores: the database, which all processes share, and its own memory. Lists, counts and
/// changes go over both unless <see cref="JobFilter.Durability"/> names one. A queue's own store is where this process declares it; a queue
/// that it does not declare is looked for in the database. What is in the memory of other processes is not seen.</para>
/// <para>Every method may throw <see cref="StoreException"/>: the store refused, or cannot be reached.</para>
/// </remarks>
public interface IJobOperator
{
    /// <summary>Lists jobs, newest first, finished ones while they are kept.</summary>
    /// <param name="filter">Which; <see langword="null"/>: all.</param>
    /// <param name="limit">How many at most, from 1 to 1,000.</param>
    /// <param name="after">Where the page begins: the <see cref="JobPage.Next"/> of the page before; <see langword="null"/>: with the
    /// newest.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>A page. Jobs that are enqueued meanwhile are not on later pages.</returns>
    /// <exception cref="ArgumentException">The filter or the limit is out of range.</exception>
    Task<JobPage> ListAsync(JobFilter? filter = null, int limit = 100, JobId? after = null, CancellationToken cancellationToken = default);

    /// <summary>Counts the jobs that a filter matches, up to a bound: counting a million takes a while.</summary>
    /// <param name="filter">Which.</param>
    /// <param name="upTo">The bound, from 1. The answer is never more; one that is equal means as many or more.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>How many.</returns>
    /// <exception cref="ArgumentException">The filter or the bound is out of range.</exception>
    Task<int> CountAsync(JobFilter filter, int upTo = 10_000, CancellationToken cancellationToken = default);

    /// <summary>Counts all jobs by queue and state. It reads every job of the store once: not for every second.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The counts that are not zero.</returns>
    Task<IReadOnlyList<JobCount>> CountAsync(CancellationToken cancellationToken = default);

    /// <summary>The queues that this process declares, hold jobs, or are paused, each with its depth and the age of its oldest ready
    /// job.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The queues by name; one that has jobs in both stores is there twice.</returns>
    Task<IReadOnlyList<QueueStatus>> GetQueuesAsync(CancellationToken cancellationToken = default);

    /// <summary>The workers that are registered in the database; without one, this process.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The workers, oldest first.</returns>
    Task<IReadOnlyList<WorkerStatus>> GetWorkersAsync(CancellationToken cancellationToken = default);

    /// <summary>Pauses a queue for every worker: once this returns none of its jobs starts until it is resumed; what runs goes on, and jobs
    /// may be enqueued. It outlives restarts on a database. A queue in memory is paused in this process until it ends.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="reason">Why, for people; cut to 2,000 characters.</param>
    /// <param name="by">Who wants it, for people; cut to 200 characters.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>A task that ends with the commit.</returns>
    /// <exception cref="ArgumentException">It is not known here nor in the database, or it holds after-response tasks, which cannot be
    /// paused.</exception>
    Task PauseQueueAsync(string queue, string? reason = null, string? by = null, CancellationToken cancellationToken = default);

    /// <summary>Ends the pause of a queue. Without effect on one that is not paused.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>A task that ends with the commit.</returns>
    /// <exception cref="ArgumentException">As with <see cref="PauseQueueAsync"/>.</exception>
    Task ResumeQueueAsync(string queue, CancellationToken cancellationToken = default);

    /// <summary>Runs many failed and cancelled jobs again, as <see cref="IJobClient.RetryAsync(JobId, bool, CancellationToken)"/> does with
    /// one, without force.</summary>
    /// <remarks>In batches, each a transaction: what happens between two of them, or breaks off, leaves whole batches changed. A job counts
    /// as it is when its batch is done, so one that has changed since it was found is left alone and counted in
    /// <see cref="BulkResult.Left"/>. It goes from the newest to the oldest; jobs that are enqueued meanwhile are not concerned.</remarks>
    /// <param name="filter">Which. Its state, if set, is <see cref="JobState.Failed"/> or <see cref="JobState.Cancelled"/>.</param>
    /// <param name="options">How; <see langword="null"/>: all of them, in batches of 500.</param>
    /// <param name="cancellationToken">Stops between two batches; those done stay done, and
    /// <see cref="BulkOptions.Progress"/> has told of them.</param>
    /// <returns>What became of them.</returns>
    /// <exception cref="ArgumentException">The filter or an option is out of range.</exception>
    Task<BulkResult> RetryManyAsync(JobFilter filter, BulkOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Cancels many unfinished jobs, as <see cref="IJobClient.CancelAsync(JobId, string?, CancellationToken)"/> does with
    /// one.</summary>
    /// <inheritdoc cref="RetryManyAsync" path="/remarks|/returns|/exception"/>
    /// <param name="filter">Which. Its state, if set, is an unfinished one.</param>
    /// <param name="reason">Why, for the people who look at them; cut to 2,000 characters.</param>
    /// <param name="options">How; <see langword="null"/>: all of them, in batches of 500.</param>
    /// <param name="cancellationToken">Stops between two batches; those done stay done.</param>
    Task<BulkResult> CancelManyAsync(JobFilter filter, string? reason = null, BulkOptions? options = null,
        CancellationToken cancellationToken = default);

    /// <summary>Deletes many jobs, as <see cref="IJobClient.DeleteAsync(JobId, CancellationToken)"/> does with one. Running jobs and steps
    /// of workflows are left.</summary>
    /// <inheritdoc cref="RetryManyAsync" path="/remarks|/returns|/exception"/>
    /// <param name="filter">Which. Its state, if set, is any but <see cref="JobState.Running"/>.</param>
    /// <param name="options">How; <see langword="null"/>: all of them, in batches of 500.</param>
    /// <param name="cancellationToken">Stops between two batches; those done stay done.</param>
    Task<BulkResult> DeleteManyAsync(JobFilter filter, BulkOptions? options = null, CancellationToken cancellationToken = default);
}
