using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Simmer.AfterResponse;

namespace Simmer;

/// <summary>The same shapes for synchronous delegates.</summary>
// Lowest priority: a lambda that may be a task is one.
public sealed partial class BackgroundTasks
{
    /// <summary>Adds a synchronous task to run after the response, on the thread pool.</summary>
    /// <param name="task">The task.</param>
    /// <exception cref="QueueFullException">The queue of after-response tasks is full; unhandled, it becomes 503 with
    /// <c>Retry-After</c>.</exception>
    /// <exception cref="InvalidOperationException">The tasks were handed over already.</exception>
    [OverloadResolutionPriority(-2)]
    public void Add(Action task) =>
        Add(task, static (in AfterResponseTask t, IServiceProvider services, CancellationToken cancellationToken) =>
        {
            ((Action)t.Work!)();
            return Task.CompletedTask;
        }, TaskTraits.Synchronous);

    /// <inheritdoc cref="Add(Action)"/>
    /// <param name="task">The task; it takes a token that is cancelled on shutdown after the drain.</param>
    [OverloadResolutionPriority(-2)]
    public void Add(Action<CancellationToken> task) =>
        Add(task, static (in AfterResponseTask t, IServiceProvider services, CancellationToken cancellationToken) =>
        {
            ((Action<CancellationToken>)t.Work!)(cancellationToken);
            return Task.CompletedTask;
        }, TaskTraits.Synchronous);

    /// <inheritdoc cref="Add(Action)"/>
    /// <typeparam name="S1">A service of the task's own DI scope.</typeparam>
    /// <param name="task">The task; it takes a service.</param>
    [OverloadResolutionPriority(-2)]
    public void Add<S1>(Action<S1> task)
        where S1 : class =>
        Add(task, static (in AfterResponseTask t, IServiceProvider services, CancellationToken cancellationToken) =>
        {
            ((Action<S1>)t.Work!)(services.GetRequiredService<S1>());
            return Task.CompletedTask;
        }, TaskTraits.UsesServices | TaskTraits.Synchronous);

    /// <inheritdoc cref="Add(Action)"/>
    /// <typeparam name="S1">A service of the task's own DI scope.</typeparam>
    /// <param name="task">The task; it takes a service and a token that is cancelled on shutdown after the drain.</param>
    [OverloadResolutionPriority(-2)]
    public void Add<S1>(Action<S1, CancellationToken> task)
        where S1 : class =>
        Add(task, static (in AfterResponseTask t, IServiceProvider services, CancellationToken cancellationToken) =>
        {
            ((Action<S1, CancellationToken>)t.Work!)(services.GetRequiredService<S1>(), cancellationToken);
            return Task.CompletedTask;
        }, TaskTraits.UsesServices | TaskTraits.Synchronous);

    /// <inheritdoc cref="Add(Action)"/>
    /// <typeparam name="S1">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S2">A service of the task's own DI scope.</typeparam>
    /// <param name="task">The task; it takes services.</param>
    [OverloadResolutionPriority(-2)]
    public void Add<S1, S2>(Action<S1, S2> task)
        where S1 : class
        where S2 : class =>
        Add(task, static (in AfterResponseTask t, IServiceProvider services, CancellationToken cancellationToken) =>
        {
            ((Action<S1, S2>)t.Work!)(services.GetRequiredService<S1>(), services.GetRequiredService<S2>());
            return Task.CompletedTask;
        }, TaskTraits.UsesServices | TaskTraits.Synchronous);

    /// <inheritdoc cref="Add(Action)"/>
    /// <typeparam name="S1">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S2">A service of the task's own DI scope.</typeparam>
    /// <param name="task">The task; it takes services and a token that is cancelled on shutdown after the drain.</param>
    [OverloadResolutionPriority(-2)]
    public void Add<S1, S2>(Action<S1, S2, CancellationToken> task)
        where S1 : class
        where S2 : class =>
        Add(task, static (in AfterResponseTask t, IServiceProvider services, CancellationToken cancellationToken) =>
        {
            ((Action<S1, S2, CancellationToken>)t.Work!)(services.GetRequiredService<S1>(), services.GetRequiredService<S2>(),
                cancellationToken);
            return Task.CompletedTask;
        }, TaskTraits.UsesServices | TaskTraits.Synchronous);

    /// <inheritdoc cref="Add(Action)"/>
    /// <typeparam name="S1">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S2">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S3">A service of the task's own DI scope.</typeparam>
    /// <param name="task">The task; it takes services.</param>
    [OverloadResolutionPriority(-2)]
    public void Add<S1, S2, S3>(Action<S1, S2, S3> task)
        where S1 : class
        where S2 : class
        where S3 : class =>
        Add(task, static (in AfterResponseTask t, IServiceProvider services, CancellationToken cancellationToken) =>
        {
            ((Action<S1, S2, S3>)t.Work!)(services.GetRequiredService<S1>(), services.GetRequiredService<S2>(),
                services.GetRequiredService<S3>());
            return Task.CompletedTask;
        }, TaskTraits.UsesServices | TaskTraits.Synchronous);

    /// <inheritdoc cref="Add(Action)"/>
    /// <typeparam name="S1">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S2">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S3">A service of the task's own DI scope.</typeparam>
    /// <param name="task">The task; it takes services and a token that is cancelled on shutdown after the drain.</param>
    [OverloadResolutionPriority(-2)]
    public void Add<S1, S2, S3>(Action<S1, S2, S3, CancellationToken> task)
        where S1 : class
        where S2 : class
        where S3 : class =>
        Add(task, static (in AfterResponseTask t, IServiceProvider services, CancellationToken cancellationToken) =>
        {
            ((Action<S1, S2, S3, CancellationToken>)t.Work!)(services.GetRequiredService<S1>(), services.GetRequiredService<S2>(),
                services.GetRequiredService<S3>(), cancellationToken);
            return Task.CompletedTask;
        }, TaskTraits.UsesServices | TaskTraits.Synchronous);

    /// <inheritdoc cref="Add(Action)"/>
    /// <typeparam name="S1">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S2">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S3">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S4">A service of the task's own DI scope.</typeparam>
    /// <param name="task">The task; it takes services.</param>
    [OverloadResolutionPriority(-2)]
    public void Add<S1, S2, S3, S4>(Action<S1, S2, S3, S4> task)
        where S1 : class
        where S2 : class
        where S3 : class
        where S4 : class =>
        Add(task, static (in AfterResponseTask t, IServiceProvider services, CancellationToken cancellationToken) =>
        {
            ((Action<S1, S2, S3, S4>)t.Work!)(services.GetRequiredService<S1>(), services.GetRequiredService<S2>(),
                services.GetRequiredService<S3>(), services.GetRequiredService<S4>());
            return Task.CompletedTask;
        }, TaskTraits.UsesServices | TaskTraits.Synchronous);

    /// <inheritdoc cref="Add(Action)"/>
    /// <typeparam name="S1">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S2">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S3">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S4">A service of the task's own DI scope.</typeparam>
    /// <param name="task">The task; it takes services and a token that is cancelled on shutdown after the drain.</param>
    [OverloadResolutionPriority(-2)]
    public void Add<S1, S2, S3, S4>(Action<S1, S2, S3, S4, CancellationToken> task)
        where S1 : class
        where S2 : class
        where S3 : class
        where S4 : class =>
        Add(task, static (in AfterResponseTask t, IServiceProvider services, CancellationToken cancellationToken) =>
        {
            ((Action<S1, S2, S3, S4, CancellationToken>)t.Work!)(services.GetRequiredService<S1>(), services.GetRequiredService<S2>(),
                services.GetRequiredService<S3>(), services.GetRequiredService<S4>(), cancellationToken);
            return Task.CompletedTask;
        }, TaskTraits.UsesServices | TaskTraits.Synchronous);

    /// <inheritdoc cref="Add(Action)"/>
    /// <typeparam name="TArg">The argument's type.</typeparam>
    /// <param name="argument">Given to the task first.</param>
    /// <param name="task">The task; it takes the argument.</param>
    [OverloadResolutionPriority(-2)]
    public void Add<TArg>(TArg argument, Action<TArg> task) =>
        Add(task, static (in AfterResponseTask t, IServiceProvider services, CancellationToken cancellationToken) =>
        {
            ((Action<TArg>)t.Work!)((TArg)t.Argument!);
            return Task.CompletedTask;
        }, TaskTraits.Synchronous, argument);

    /// <inheritdoc cref="Add(Action)"/>
    /// <typeparam name="TArg">The argument's type.</typeparam>
    /// <param name="argument">Given to the task first.</param>
    /// <param name="task">The task; it takes the argument and a token that is cancelled on shutdown after the drain.</param>
    [OverloadResolutionPriority(-2)]
    public void Add<TArg>(TArg argument, Action<TArg, CancellationToken> task) =>
        Add(task, static (in AfterResponseTask t, IServiceProvider services, CancellationToken cancellationToken) =>
        {
            ((Action<TArg, CancellationToken>)t.Work!)((TArg)t.Argument!, cancellationToken);
            return Task.CompletedTask;
        }, TaskTraits.Synchronous, argument);

    /// <inheritdoc cref="Add(Action)"/>
    /// <typeparam name="TArg">The argument's type.</typeparam>
    /// <typeparam name="S1">A service of the task's own DI scope.</typeparam>
    /// <param name="argument">Given to the task first.</param>
    /// <param name="task">The task; it takes the argument and a service.</param>
    [OverloadResolutionPriority(-2)]
    public void Add<TArg, S1>(TArg argument, Action<TArg, S1> task)
        where S1 : class =>
        Add(task, static (in AfterResponseTask t, IServiceProvider services, CancellationToken cancellationToken) =>
        {
            ((Action<TArg, S1>)t.Work!)((TArg)t.Argument!, services.GetRequiredService<S1>());
            return Task.CompletedTask;
        }, TaskTraits.UsesServices | TaskTraits.Synchronous, argument);

    /// <inheritdoc cref="Add(Action)"/>
    /// <typeparam name="TArg">The argument's type.</typeparam>
    /// <typeparam name="S1">A service of the task's own DI scope.</typeparam>
    /// <param name="argument">Given to the task first.</param>
    /// <param name="task">The task; it takes the argument, a service and a token that is cancelled on shutdown after the drain.</param>
    [OverloadResolutionPriority(-2)]
    public void Add<TArg, S1>(TArg argument, Action<TArg, S1, CancellationToken> task)
        where S1 : class =>
        Add(task, static (in AfterResponseTask t, IServiceProvider services, CancellationToken cancellationToken) =>
        {
            ((Action<TArg, S1, CancellationToken>)t.Work!)((TArg)t.Argument!, services.GetRequiredService<S1>(), cancellationToken);
            return Task.CompletedTask;
        }, TaskTraits.UsesServices | TaskTraits.Synchronous, argument);

    /// <inheritdoc cref="Add(Action)"/>
    /// <typeparam name="TArg">The argument's type.</typeparam>
    /// <typeparam name="S1">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S2">A service of the task's own DI scope.</typeparam>
    /// <param name="argument">Given to the task first.</param>
    /// <param name="task">The task; it takes the argument and services.</param>
    [OverloadResolutionPriority(-2)]
    public void Add<TArg, S1, S2>(TArg argument, Action<TArg, S1, S2> task)
        where S1 : class
        where S2 : class =>
        Add(task, static (in AfterResponseTask t, IServiceProvider services, CancellationToken cancellationToken) =>
        {
            ((Action<TArg, S1, S2>)t.Work!)((TArg)t.Argument!, services.GetRequiredService<S1>(), services.GetRequiredService<S2>());
            return Task.CompletedTask;
        }, TaskTraits.UsesServices | TaskTraits.Synchronous, argument);

    /// <inheritdoc cref="Add(Action)"/>
    /// <typeparam name="TArg">The argument's type.</typeparam>
    /// <typeparam name="S1">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S2">A service of the task's own DI scope.</typeparam>
    /// <param name="argument">Given to the task first.</param>
    /// <param name="task">The task; it takes the argument, services and a token that is cancelled on shutdown after the drain.</param>
    [OverloadResolutionPriority(-2)]
    public void Add<TArg, S1, S2>(TArg argument, Action<TArg, S1, S2, CancellationToken> task)
        where S1 : class
        where S2 : class =>
        Add(task, static (in AfterResponseTask t, IServiceProvider services, CancellationToken cancellationToken) =>
        {
            ((Action<TArg, S1, S2, CancellationToken>)t.Work!)((TArg)t.Argument!, services.GetRequiredService<S1>(),
                services.GetRequiredService<S2>(), cancellationToken);
            return Task.CompletedTask;
        }, TaskTraits.UsesServices | TaskTraits.Synchronous, argument);

    /// <inheritdoc cref="Add(Action)"/>
    /// <typeparam name="TArg">The argument's type.</typeparam>
    /// <typeparam name="S1">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S2">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S3">A service of the task's own DI scope.</typeparam>
    /// <param name="argument">Given to the task first.</param>
    /// <param name="task">The task; it takes the argument and services.</param>
    [OverloadResolutionPriority(-2)]
    public void Add<TArg, S1, S2, S3>(TArg argument, Action<TArg, S1, S2, S3> task)
        where S1 : class
        where S2 : class
        where S3 : class =>
        Add(task, static (in AfterResponseTask t, IServiceProvider services, CancellationToken cancellationToken) =>
        {
            ((Action<TArg, S1, S2, S3>)t.Work!)((TArg)t.Argument!, services.GetRequiredService<S1>(), services.GetRequiredService<S2>(),
                services.GetRequiredService<S3>());
            return Task.CompletedTask;
        }, TaskTraits.UsesServices | TaskTraits.Synchronous, argument);

    /// <inheritdoc cref="Add(Action)"/>
    /// <typeparam name="TArg">The argument's type.</typeparam>
    /// <typeparam name="S1">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S2">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S3">A service of the task's own DI scope.</typeparam>
    /// <param name="argument">Given to the task first.</param>
    /// <param name="task">The task; it takes the argument, services and a token that is cancelled on shutdown after the drain.</param>
    [OverloadResolutionPriority(-2)]
    public void Add<TArg, S1, S2, S3>(TArg argument, Action<TArg, S1, S2, S3, CancellationToken> task)
        where S1 : class
        where S2 : class
        where S3 : class =>
        Add(task, static (in AfterResponseTask t, IServiceProvider services, CancellationToken cancellationToken) =>
        {
            ((Action<TArg, S1, S2, S3, CancellationToken>)t.Work!)((TArg)t.Argument!, services.GetRequiredService<S1>(),
                services.GetRequiredService<S2>(), services.GetRequiredService<S3>(), cancellationToken);
            return Task.CompletedTask;
        }, TaskTraits.UsesServices | TaskTraits.Synchronous, argument);

    /// <inheritdoc cref="Add(Action)"/>
    /// <typeparam name="TArg">The argument's type.</typeparam>
    /// <typeparam name="S1">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S2">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S3">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S4">A service of the task's own DI scope.</typeparam>
    /// <param name="argument">Given to the task first.</param>
    /// <param name="task">The task; it takes the argument and services.</param>
    [OverloadResolutionPriority(-2)]
    public void Add<TArg, S1, S2, S3, S4>(TArg argument, Action<TArg, S1, S2, S3, S4> task)
        where S1 : class
        where S2 : class
        where S3 : class
        where S4 : class =>
        Add(task, static (in AfterResponseTask t, IServiceProvider services, CancellationToken cancellationToken) =>
        {
            ((Action<TArg, S1, S2, S3, S4>)t.Work!)((TArg)t.Argument!, services.GetRequiredService<S1>(), services.GetRequiredService<S2>(),
                services.GetRequiredService<S3>(), services.GetRequiredService<S4>());
            return Task.CompletedTask;
        }, TaskTraits.UsesServices | TaskTraits.Synchronous, argument);

    /// <inheritdoc cref="Add(Action)"/>
    /// <typeparam name="TArg">The argument's type.</typeparam>
    /// <typeparam name="S1">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S2">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S3">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S4">A service of the task's own DI scope.</typeparam>
    /// <param name="argument">Given to the task first.</param>
    /// <param name="task">The task; it takes the argument, services and a token that is cancelled on shutdown after the drain.</param>
    [OverloadResolutionPriority(-2)]
    public void Add<TArg, S1, S2, S3, S4>(TArg argument, Action<TArg, S1, S2, S3, S4, CancellationToken> task)
        where S1 : class
        where S2 : class
        where S3 : class
        where S4 : class =>
        Add(task, static (in AfterResponseTask t, IServiceProvider services, CancellationToken cancellationToken) =>
        {
            ((Action<TArg, S1, S2, S3, S4, CancellationToken>)t.Work!)((TArg)t.Argument!, services.GetRequiredService<S1>(),
                services.GetRequiredService<S2>(), services.GetRequiredService<S3>(), services.GetRequiredService<S4>(), cancellationToken);
            return Task.CompletedTask;
        }, TaskTraits.UsesServices | TaskTraits.Synchronous, argument);
}
