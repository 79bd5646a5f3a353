using Simmer.Jobs;

namespace Simmer;

/// <summary>Handlers as delegates: the job first, then up to four parameters (services of the attempt's DI scope, results of earlier steps,
/// or the <see cref="JobContext"/>), the cancellation token last. What a parameter means is decided once, at start.</summary>
// Four families, told apart by what they return. A family of ValueTask at equal priority would make every async lambda ambiguous.
public sealed partial class SimmerBuilder
{
    /// <summary>Registers a job with a delegate that returns no result.</summary>
    /// <typeparam name="TJob">The job.</typeparam>
    /// <param name="handler">Does the work.</param>
    /// <param name="configure">Sets the kind's options, over its <see cref="JobAttribute"/>.</param>
    /// <returns>The builder.</returns>
    public SimmerBuilder AddJob<TJob>(Func<TJob, CancellationToken, Task> handler, Action<JobOptions>? configure = null)
        where TJob : class, IJob
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Add<TJob>(new DelegateHandlerFactory([], (job, parameters, cancellationToken) =>
            handler((TJob)job, cancellationToken), typeof(Task)), configure);
    }

    /// <summary>Registers a job with a delegate that returns no result.</summary>
    /// <typeparam name="TJob">The job.</typeparam>
    /// <typeparam name="S1">A parameter: a service, or <see cref="JobContext"/>.</typeparam>
    /// <param name="handler">Does the work.</param>
    /// <param name="configure">Sets the kind's options, over its <see cref="JobAttribute"/>.</param>
    /// <returns>The builder.</returns>
    public SimmerBuilder AddJob<TJob, S1>(Func<TJob, S1, CancellationToken, Task> handler, Action<JobOptions>? configure = null)
        where TJob : class, IJob
        where S1 : notnull
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Add<TJob>(new DelegateHandlerFactory([typeof(S1)], (job, parameters, cancellationToken) =>
            handler((TJob)job, parameters.Get<S1>(0), cancellationToken), typeof(Task)), configure);
    }

    /// <summary>Registers a job with a delegate that returns no result.</summary>
    /// <typeparam name="TJob">The job.</typeparam>
    /// <typeparam name="S1">A parameter: a service, or <see cref="JobContext"/>.</typeparam>
    /// <typeparam name="S2">A parameter: a service, or <see cref="JobContext"/>.</typeparam>
    /// <param name="handler">Does the work.</param>
    /// <param name="configure">Sets the kind's options, over its <see cref="JobAttribute"/>.</param>
    /// <returns>The builder.</returns>
    public SimmerBuilder AddJob<TJob, S1, S2>(Func<TJob, S1, S2, CancellationToken, Task> handler, Action<JobOptions>? configure = null)
        where TJob : class, IJob
        where S1 : notnull
        where S2 : notnull
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Add<TJob>(new DelegateHandlerFactory([typeof(S1), typeof(S2)], (job, parameters, cancellationToken) =>
            handler((TJob)job, parameters.Get<S1>(0), parameters.Get<S2>(1), cancellationToken), typeof(Task)), configure);
    }

    /// <summary>Registers a job with a delegate that returns no result.</summary>
    /// <typeparam name="TJob">The job.</typeparam>
    /// <typeparam name="S1">A parameter: a service, or <see cref="JobContext"/>.</typeparam>
    /// <typeparam name="S2">A parameter: a service, or <see cref="JobContext"/>.</typeparam>
    /// <typeparam name="S3">A parameter: a service, or <see cref="JobContext"/>.</typeparam>
    /// <param name="handler">Does the work.</param>
    /// <param name="configure">Sets the kind's options, over its <see cref="JobAttribute"/>.</param>
    /// <returns>The builder.</returns>
    public SimmerBuilder AddJob<TJob, S1, S2, S3>(Func<TJob, S1, S2, S3, CancellationToken, Task> handler,
        Action<JobOptions>? configure = null)
        where TJob : class, IJob
        where S1 : notnull
        where S2 : notnull
        where S3 : notnull
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Add<TJob>(new DelegateHandlerFactory([typeof(S1), typeof(S2), typeof(S3)], (job, parameters, cancellationToken) =>
            handler((TJob)job, parameters.Get<S1>(0), parameters.Get<S2>(1), parameters.Get<S3>(2), cancellationToken), typeof(Task)),
                configure);
    }

    /// <summary>Registers a job with a delegate that returns no result.</summary>
    /// <typeparam name="TJob">The job.</typeparam>
    /// <typeparam name="S1">A parameter: a service, or <see cref="JobContext"/>.</typeparam>
    /// <typeparam name="S2">A parameter: a service, or <see cref="JobContext"/>.</typeparam>
    /// <typeparam name="S3">A parameter: a service, or <see cref="JobContext"/>.</typeparam>
    /// <typeparam name="S4">A parameter: a service, or <see cref="JobContext"/>.</typeparam>
    /// <param name="handler">Does the work.</param>
    /// <param name="configure">Sets the kind's options, over its <see cref="JobAttribute"/>.</param>
    /// <returns>The builder.</returns>
    public SimmerBuilder AddJob<TJob, S1, S2, S3, S4>(Func<TJob, S1, S2, S3, S4, CancellationToken, Task> handler,
        Action<JobOptions>? configure = null)
        where TJob : class, IJob
        where S1 : notnull
        where S2 : notnull
        where S3 : notnull
        where S4 : notnull
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Add<TJob>(new DelegateHandlerFactory([typeof(S1), typeof(S2), typeof(S3), typeof(S4)],
            (job, parameters, cancellationToken) =>
            handler((TJob)job, parameters.Get<S1>(0), parameters.Get<S2>(1), parameters.Get<S3>(2), parameters.Get<S4>(3),
                cancellationToken), typeof(Task)), configure);
    }

    /// <summary>Registers a job with a delegate that returns a verdict.</summary>
    /// <typeparam name="TJob">The job.</typeparam>
    /// <param name="handler">Does the work.</param>
    /// <param name="configure">Sets the kind's options, over its <see cref="JobAttribute"/>.</param>
    /// <returns>The builder.</returns>
    public SimmerBuilder AddJob<TJob>(Func<TJob, CancellationToken, Task<JobVerdict>> handler, Action<JobOptions>? configure = null)
        where TJob : class, IJob
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Add<TJob>(new DelegateHandlerFactory([], (job, parameters, cancellationToken) =>
            handler((TJob)job, cancellationToken), typeof(Task<JobVerdict>)), configure);
    }

    /// <summary>Registers a job with a delegate that returns a verdict.</summary>
    /// <typeparam name="TJob">The job.</typeparam>
    /// <typeparam name="S1">A parameter: a service, or <see cref="JobContext"/>.</typeparam>
    /// <param name="handler">Does the work.</param>
    /// <param name="configure">Sets the kind's options, over its <see cref="JobAttribute"/>.</param>
    /// <returns>The builder.</returns>
    public SimmerBuilder AddJob<TJob, S1>(Func<TJob, S1, CancellationToken, Task<JobVerdict>> handler, Action<JobOptions>? configure = null)
        where TJob : class, IJob
        where S1 : notnull
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Add<TJob>(new DelegateHandlerFactory([typeof(S1)], (job, parameters, cancellationToken) =>
            handler((TJob)job, parameters.Get<S1>(0), cancellationToken), typeof(Task<JobVerdict>)), configure);
    }

    /// <summary>Registers a job with a delegate that returns a verdict.</summary>
    /// <typeparam name="TJob">The job.</typeparam>
    /// <typeparam name="S1">A parameter: a service, or <see cref="JobContext"/>.</typeparam>
    /// <typeparam name="S2">A parameter: a service, or <see cref="JobContext"/>.</typeparam>
    /// <param name="handler">Does the work.</param>
    /// <param name="configure">Sets the kind's options, over its <see cref="JobAttribute"/>.</param>
    /// <returns>The builder.</returns>
    public SimmerBuilder AddJob<TJob, S1, S2>(Func<TJob, S1, S2, CancellationToken, Task<JobVerdict>> handler,
        Action<JobOptions>? configure = null)
        where TJob : class, IJob
        where S1 : notnull
        where S2 : notnull
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Add<TJob>(new DelegateHandlerFactory([typeof(S1), typeof(S2)], (job, parameters, cancellationToken) =>
            handler((TJob)job, parameters.Get<S1>(0), parameters.Get<S2>(1), cancellationToken), typeof(Task<JobVerdict>)), configure);
    }

    /// <summary>Registers a job with a delegate that returns a verdict.</summary>
    /// <typeparam name="TJob">The job.</typeparam>
    /// <typeparam name="S1">A parameter: a service, or <see cref="JobContext"/>.</typeparam>
    /// <typeparam name="S2">A parameter: a service, or <see cref="JobContext"/>.</typeparam>
    /// <typeparam name="S3">A parameter: a service, or <see cref="JobContext"/>.</typeparam>
    /// <param name="handler">Does the work.</param>
    /// <param name="configure">Sets the kind's options, over its <see cref="JobAttribute"/>.</param>
    /// <returns>The builder.</returns>
    public SimmerBuilder AddJob<TJob, S1, S2, S3>(Func<TJob, S1, S2, S3, CancellationToken, Task<JobVerdict>> handler,
        Action<JobOptions>? configure = null)
        where TJob : class, IJob
        where S1 : notnull
        where S2 : notnull
        where S3 : notnull
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Add<TJob>(new DelegateHandlerFactory([typeof(S1), typeof(S2), typeof(S3)], (job, parameters, cancellationToken) =>
            handler((TJob)job, parameters.Get<S1>(0), parameters.Get<S2>(1), parameters.Get<S3>(2), cancellationToken),
                typeof(Task<JobVerdict>)), configure);
    }

    /// <summary>Registers a job with a delegate that returns a verdict.</summary>
    /// <typeparam name="TJob">The job.</typeparam>
    /// <typeparam name="S1">A parameter: a service, or <see cref="JobContext"/>.</typeparam>
    /// <typeparam name="S2">A parameter: a service, or <see cref="JobContext"/>.</typeparam>
    /// <typeparam name="S3">A parameter: a service, or <see cref="JobContext"/>.</typeparam>
    /// <typeparam name="S4">A parameter: a service, or <see cref="JobContext"/>.</typeparam>
    /// <param name="handler">Does the work.</param>
    /// <param name="configure">Sets the kind's options, over its <see cref="JobAttribute"/>.</param>
    /// <returns>The builder.</returns>
    public SimmerBuilder AddJob<TJob, S1, S2, S3, S4>(Func<TJob, S1, S2, S3, S4, CancellationToken, Task<JobVerdict>> handler,
        Action<JobOptions>? configure = null)
        where TJob : class, IJob
        where S1 : notnull
        where S2 : notnull
        where S3 : notnull
        where S4 : notnull
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Add<TJob>(new DelegateHandlerFactory([typeof(S1), typeof(S2), typeof(S3), typeof(S4)],
            (job, parameters, cancellationToken) =>
            handler((TJob)job, parameters.Get<S1>(0), parameters.Get<S2>(1), parameters.Get<S3>(2), parameters.Get<S4>(3),
                cancellationToken), typeof(Task<JobVerdict>)), configure);
    }

    /// <summary>Registers a job with a delegate that returns its result.</summary>
    /// <typeparam name="TJob">The job.</typeparam>
    /// <typeparam name="TResult">What the job gives.</typeparam>
    /// <param name="handler">Does the work.</param>
    /// <param name="configure">Sets the kind's options, over its <see cref="JobAttribute"/>.</param>
    /// <returns>The builder.</returns>
    public SimmerBuilder AddJob<TJob, TResult>(Func<TJob, CancellationToken, Task<TResult>> handler, Action<JobOptions>? configure = null)
        where TJob : class, IJob<TResult>
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Add<TJob>(new DelegateHandlerFactory([], (job, parameters, cancellationToken) =>
            handler((TJob)job, cancellationToken), typeof(Task<TResult>)), configure);
    }

    /// <summary>Registers a job with a delegate that returns its result.</summary>
    /// <typeparam name="TJob">The job.</typeparam>
    /// <typeparam name="S1">A parameter: a service, or <see cref="JobContext"/>.</typeparam>
    /// <typeparam name="TResult">What the job gives.</typeparam>
    /// <param name="handler">Does the work.</param>
    /// <param name="configure">Sets the kind's options, over its <see cref="JobAttribute"/>.</param>
    /// <returns>The builder.</returns>
    public SimmerBuilder AddJob<TJob, S1, TResult>(Func<TJob, S1, CancellationToken, Task<TResult>> handler,
        Action<JobOptions>? configure = null)
        where TJob : class, IJob<TResult>
        where S1 : notnull
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Add<TJob>(new DelegateHandlerFactory([typeof(S1)], (job, parameters, cancellationToken) =>
            handler((TJob)job, parameters.Get<S1>(0), cancellationToken), typeof(Task<TResult>)), configure);
    }

    /// <summary>Registers a job with a delegate that returns its result.</summary>
    /// <typeparam name="TJob">The job.</typeparam>
    /// <typeparam name="S1">A parameter: a service, or <see cref="JobContext"/>.</typeparam>
    /// <typeparam name="S2">A parameter: a service, or <see cref="JobContext"/>.</typeparam>
    /// <typeparam name="TResult">What the job gives.</typeparam>
    /// <param name="handler">Does the work.</param>
    /// <param name="configure">Sets the kind's options, over its <see cref="JobAttribute"/>.</param>
    /// <returns>The builder.</returns>
    public SimmerBuilder AddJob<TJob, S1, S2, TResult>(Func<TJob, S1, S2, CancellationToken, Task<TResult>> handler,
        Action<JobOptions>? configure = null)
        where TJob : class, IJob<TResult>
        where S1 : notnull
        where S2 : notnull
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Add<TJob>(new DelegateHandlerFactory([typeof(S1), typeof(S2)], (job, parameters, cancellationToken) =>
            handler((TJob)job, parameters.Get<S1>(0), parameters.Get<S2>(1), cancellationToken), typeof(Task<TResult>)), configure);
    }

    /// <summary>Registers a job with a delegate that returns its result.</summary>
    /// <typeparam name="TJob">The job.</typeparam>
    /// <typeparam name="S1">A parameter: a service, or <see cref="JobContext"/>.</typeparam>
    /// <typeparam name="S2">A parameter: a service, or <see cref="JobContext"/>.</typeparam>
    /// <typeparam name="S3">A parameter: a service, or <see cref="JobContext"/>.</typeparam>
    /// <typeparam name="TResult">What the job gives.</typeparam>
    /// <param name="handler">Does the work.</param>
    /// <param name="configure">Sets the kind's options, over its <see cref="JobAttribute"/>.</param>
    /// <returns>The builder.</returns>
    public SimmerBuilder AddJob<TJob, S1, S2, S3, TResult>(Func<TJob, S1, S2, S3, CancellationToken, Task<TResult>> handler,
        Action<JobOptions>? configure = null)
        where TJob : class, IJob<TResult>
        where S1 : notnull
        where S2 : notnull
        where S3 : notnull
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Add<TJob>(new DelegateHandlerFactory([typeof(S1), typeof(S2), typeof(S3)], (job, parameters, cancellationToken) =>
            handler((TJob)job, parameters.Get<S1>(0), parameters.Get<S2>(1), parameters.Get<S3>(2), cancellationToken),
                typeof(Task<TResult>)), configure);
    }

    /// <summary>Registers a job with a delegate that returns its result.</summary>
    /// <typeparam name="TJob">The job.</typeparam>
    /// <typeparam name="S1">A parameter: a service, or <see cref="JobContext"/>.</typeparam>
    /// <typeparam name="S2">A parameter: a service, or <see cref="JobContext"/>.</typeparam>
    /// <typeparam name="S3">A parameter: a service, or <see cref="JobContext"/>.</typeparam>
    /// <typeparam name="S4">A parameter: a service, or <see cref="JobContext"/>.</typeparam>
    /// <typeparam name="TResult">What the job gives.</typeparam>
    /// <param name="handler">Does the work.</param>
    /// <param name="configure">Sets the kind's options, over its <see cref="JobAttribute"/>.</param>
    /// <returns>The builder.</returns>
    public SimmerBuilder AddJob<TJob, S1, S2, S3, S4, TResult>(Func<TJob, S1, S2, S3, S4, CancellationToken, Task<TResult>> handler,
        Action<JobOptions>? configure = null)
        where TJob : class, IJob<TResult>
        where S1 : notnull
        where S2 : notnull
        where S3 : notnull
        where S4 : notnull
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Add<TJob>(new DelegateHandlerFactory([typeof(S1), typeof(S2), typeof(S3), typeof(S4)],
            (job, parameters, cancellationToken) =>
            handler((TJob)job, parameters.Get<S1>(0), parameters.Get<S2>(1), parameters.Get<S3>(2), parameters.Get<S4>(3),
                cancellationToken), typeof(Task<TResult>)), configure);
    }

    /// <summary>Registers a job with a delegate that returns its result or a verdict.</summary>
    /// <typeparam name="TJob">The job.</typeparam>
    /// <typeparam name="TResult">What the job gives.</typeparam>
    /// <param name="handler">Does the work.</param>
    /// <param name="configure">Sets the kind's options, over its <see cref="JobAttribute"/>.</param>
    /// <returns>The builder.</returns>
    public SimmerBuilder AddJob<TJob, TResult>(Func<TJob, CancellationToken, Task<JobVerdict<TResult>>> handler,
        Action<JobOptions>? configure = null)
        where TJob : class, IJob<TResult>
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Add<TJob>(new DelegateHandlerFactory([], (job, parameters, cancellationToken) =>
            handler((TJob)job, cancellationToken), typeof(Task<JobVerdict<TResult>>)), configure);
    }

    /// <summary>Registers a job with a delegate that returns its result or a verdict.</summary>
    /// <typeparam name="TJob">The job.</typeparam>
    /// <typeparam name="S1">A parameter: a service, or <see cref="JobContext"/>.</typeparam>
    /// <typeparam name="TResult">What the job gives.</typeparam>
    /// <param name="handler">Does the work.</param>
    /// <param name="configure">Sets the kind's options, over its <see cref="JobAttribute"/>.</param>
    /// <returns>The builder.</returns>
    public SimmerBuilder AddJob<TJob, S1, TResult>(Func<TJob, S1, CancellationToken, Task<JobVerdict<TResult>>> handler,
        Action<JobOptions>? configure = null)
        where TJob : class, IJob<TResult>
        where S1 : notnull
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Add<TJob>(new DelegateHandlerFactory([typeof(S1)], (job, parameters, cancellationToken) =>
            handler((TJob)job, parameters.Get<S1>(0), cancellationToken), typeof(Task<JobVerdict<TResult>>)), configure);
    }

    /// <summary>Registers a job with a delegate that returns its result or a verdict.</summary>
    /// <typeparam name="TJob">The job.</typeparam>
    /// <typeparam name="S1">A parameter: a service, or <see cref="JobContext"/>.</typeparam>
    /// <typeparam name="S2">A parameter: a service, or <see cref="JobContext"/>.</typeparam>
    /// <typeparam name="TResult">What the job gives.</typeparam>
    /// <param name="handler">Does the work.</param>
    /// <param name="configure">Sets the kind's options, over its <see cref="JobAttribute"/>.</param>
    /// <returns>The builder.</returns>
    public SimmerBuilder AddJob<TJob, S1, S2, TResult>(Func<TJob, S1, S2, CancellationToken, Task<JobVerdict<TResult>>> handler,
        Action<JobOptions>? configure = null)
        where TJob : class, IJob<TResult>
        where S1 : notnull
        where S2 : notnull
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Add<TJob>(new DelegateHandlerFactory([typeof(S1), typeof(S2)], (job, parameters, cancellationToken) =>
            handler((TJob)job, parameters.Get<S1>(0), parameters.Get<S2>(1), cancellationToken), typeof(Task<JobVerdict<TResult>>)),
                configure);
    }

    /// <summary>Registers a job with a delegate that returns its result or a verdict.</summary>
    /// <typeparam name="TJob">The job.</typeparam>
    /// <typeparam name="S1">A parameter: a service, or <see cref="JobContext"/>.</typeparam>
    /// <typeparam name="S2">A parameter: a service, or <see cref="JobContext"/>.</typeparam>
    /// <typeparam name="S3">A parameter: a service, or <see cref="JobContext"/>.</typeparam>
    /// <typeparam name="TResult">What the job gives.</typeparam>
    /// <param name="handler">Does the work.</param>
    /// <param name="configure">Sets the kind's options, over its <see cref="JobAttribute"/>.</param>
    /// <returns>The builder.</returns>
    public SimmerBuilder AddJob<TJob, S1, S2, S3, TResult>(Func<TJob, S1, S2, S3, CancellationToken, Task<JobVerdict<TResult>>> handler,
        Action<JobOptions>? configure = null)
        where TJob : class, IJob<TResult>
        where S1 : notnull
        where S2 : notnull
        where S3 : notnull
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Add<TJob>(new DelegateHandlerFactory([typeof(S1), typeof(S2), typeof(S3)], (job, parameters, cancellationToken) =>
            handler((TJob)job, parameters.Get<S1>(0), parameters.Get<S2>(1), parameters.Get<S3>(2), cancellationToken),
                typeof(Task<JobVerdict<TResult>>)), configure);
    }

    /// <summary>Registers a job with a delegate that returns its result or a verdict.</summary>
    /// <typeparam name="TJob">The job.</typeparam>
    /// <typeparam name="S1">A parameter: a service, or <see cref="JobContext"/>.</typeparam>
    /// <typeparam name="S2">A parameter: a service, or <see cref="JobContext"/>.</typeparam>
    /// <typeparam name="S3">A parameter: a service, or <see cref="JobContext"/>.</typeparam>
    /// <typeparam name="S4">A parameter: a service, or <see cref="JobContext"/>.</typeparam>
    /// <typeparam name="TResult">What the job gives.</typeparam>
    /// <param name="handler">Does the work.</param>
    /// <param name="configure">Sets the kind's options, over its <see cref="JobAttribute"/>.</param>
    /// <returns>The builder.</returns>
    public SimmerBuilder AddJob<TJob, S1, S2, S3, S4, TResult>(
        Func<TJob, S1, S2, S3, S4, CancellationToken, Task<JobVerdict<TResult>>> handler, Action<JobOptions>? configure = null)
        where TJob : class, IJob<TResult>
        where S1 : notnull
        where S2 : notnull
        where S3 : notnull
        where S4 : notnull
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Add<TJob>(new DelegateHandlerFactory([typeof(S1), typeof(S2), typeof(S3), typeof(S4)],
            (job, parameters, cancellationToken) =>
            handler((TJob)job, parameters.Get<S1>(0), parameters.Get<S2>(1), parameters.Get<S3>(2), parameters.Get<S4>(3),
                cancellationToken), typeof(Task<JobVerdict<TResult>>)), configure);
    }
}
