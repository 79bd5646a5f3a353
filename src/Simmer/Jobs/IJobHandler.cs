namespace Simmer;

/// <summary>Does the work of one kind of job. A new instance is made for each attempt, in the attempt's own DI scope.</summary>
/// <typeparam name="TJob">The job it handles.</typeparam>
public interface IJobHandler<in TJob>
    where TJob : IJob
{
    /// <summary>Does the work. Returning means success, throwing means that the attempt failed.</summary>
    /// <param name="job">What is to be done.</param>
    /// <param name="context">The attempt: its number, progress, idempotency key, logger.</param>
    /// <param name="cancellationToken">Cancelled at the time limit, when the job is cancelled, on shutdown, and when the lease is lost.
    /// Obey it.</param>
    /// <returns>A task that ends with the work.</returns>
    Task HandleAsync(TJob job, JobContext context, CancellationToken cancellationToken);
}

/// <summary>Does the work of one kind of job that gives a result.</summary>
/// <typeparam name="TJob">The job it handles.</typeparam>
/// <typeparam name="TResult">What the job gives.</typeparam>
public interface IJobHandler<in TJob, TResult> : IJobHandler<TJob>
    where TJob : IJob<TResult>
{
    /// <inheritdoc cref="IJobHandler{TJob}.HandleAsync"/>
    new Task<TResult> HandleAsync(TJob job, JobContext context, CancellationToken cancellationToken);

    Task IJobHandler<TJob>.HandleAsync(TJob job, JobContext context, CancellationToken cancellationToken) =>
        HandleAsync(job, context, cancellationToken);
}

/// <summary>A handler that gives a verdict (retry later, snooze, give up, cancel) in place of throwing.</summary>
/// <typeparam name="TJob">The job it handles.</typeparam>
public interface IVerdictHandler<in TJob> : IJobHandler<TJob>
    where TJob : IJob
{
    /// <inheritdoc cref="IJobHandler{TJob}.HandleAsync"/>
    new Task<JobVerdict> HandleAsync(TJob job, JobContext context, CancellationToken cancellationToken);

    Task IJobHandler<TJob>.HandleAsync(TJob job, JobContext context, CancellationToken cancellationToken) =>
        HandleAsync(job, context, cancellationToken);
}

/// <summary>A handler that gives either a result or a verdict.</summary>
/// <typeparam name="TJob">The job it handles.</typeparam>
/// <typeparam name="TResult">What the job gives.</typeparam>
public interface IVerdictHandler<in TJob, TResult> : IJobHandler<TJob>
    where TJob : IJob<TResult>
{
    /// <inheritdoc cref="IJobHandler{TJob}.HandleAsync"/>
    new Task<JobVerdict<TResult>> HandleAsync(TJob job, JobContext context, CancellationToken cancellationToken);

    Task IJobHandler<TJob>.HandleAsync(TJob job, JobContext context, CancellationToken cancellationToken) =>
        HandleAsync(job, context, cancellationToken);
}
