using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Simmer.AfterResponse;

namespace Simmer;

/// <summary>The same shapes for delegates that return a <see cref="ValueTask"/>.</summary>
// Lower priority: at an equal one every async lambda would be ambiguous.
public sealed partial class BackgroundTasks
{
    /// <summary>Adds a task to run after the response.</summary>
    /// <param name="task">The task.</param>
    /// <exception cref="QueueFullException">The queue of after-response tasks is full; unhandled, it becomes 503 with
    /// <c>Retry-After</c>.</exception>
    /// <exception cref="InvalidOperationException">The tasks were handed over already.</exception>
    [OverloadResolutionPriority(-1)]
    public void Add(Func<ValueTask> task) =>
        Add(task, static (in AfterResponseTask t, IServiceProvider services, CancellationToken cancellationToken) =>
            ((Func<ValueTask>)t.Work!)().AsTask(), TaskTraits.None);

    /// <inheritdoc cref="Add(Func{ValueTask})"/>
    /// <param name="task">The task; it takes a token that is cancelled on shutdown after the drain.</param>
    [OverloadResolutionPriority(-1)]
    public void Add(Func<CancellationToken, ValueTask> task) =>
        Add(task, static (in AfterResponseTask t, IServiceProvider services, CancellationToken cancellationToken) =>
            ((Func<CancellationToken, ValueTask>)t.Work!)(cancellationToken).AsTask(), TaskTraits.None);

    /// <inheritdoc cref="Add(Func{ValueTask})"/>
    /// <typeparam name="S1">A service of the task's own DI scope.</typeparam>
    /// <param name="task">The task; it takes a service.</param>
    [OverloadResolutionPriority(-1)]
    public void Add<S1>(Func<S1, ValueTask> task)
        where S1 : class =>
        Add(task, static (in AfterResponseTask t, IServiceProvider services, CancellationToken cancellationToken) =>
            ((Func<S1, ValueTask>)t.Work!)(services.GetRequiredService<S1>()).AsTask(), TaskTraits.UsesServices);

    /// <inheritdoc cref="Add(Func{ValueTask})"/>
    /// <typeparam name="S1">A service of the task's own DI scope.</typeparam>
    /// <param name="task">The task; it takes a service and a token that is cancelled on shutdown after the drain.</param>
    [OverloadResolutionPriority(-1)]
    public void Add<S1>(Func<S1, CancellationToken, ValueTask> task)
        where S1 : class =>
        Add(task, static (in AfterResponseTask t, IServiceProvider services, CancellationToken cancellationToken) =>
            ((Func<S1, CancellationToken, ValueTask>)t.Work!)(services.GetRequiredService<S1>(), cancellationToken)
                .AsTask(), TaskTraits.UsesServices);

    /// <inheritdoc cref="Add(Func{ValueTask})"/>
    /// <typeparam name="S1">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S2">A service of the task's own DI scope.</typeparam>
    /// <param name="task">The task; it takes services.</param>
    [OverloadResolutionPriority(-1)]
    public void Add<S1, S2>(Func<S1, S2, ValueTask> task)
        where S1 : class
        where S2 : class =>
        Add(task, static (in AfterResponseTask t, IServiceProvider services, CancellationToken cancellationToken) =>
            ((Func<S1, S2, ValueTask>)t.Work!)(services.GetRequiredService<S1>(), services.GetRequiredService<S2>())
                .AsTask(), TaskTraits.UsesServices);

    /// <inheritdoc cref="Add(Func{ValueTask})"/>
    /// <typeparam name="S1">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S2">A service of the task's own DI scope.</typeparam>
    /// <param name="task">The task; it takes services and a token that is cancelled on shutdown after the drain.</param>
    [OverloadResolutionPriority(-1)]
    public void Add<S1, S2>(Func<S1, S2, CancellationToken, ValueTask> task)
        where S1 : class
        where S2 : class =>
        Add(task, static (in AfterResponseTask t, IServiceProvider services, CancellationToken cancellationToken) =>
            ((Func<S1, S2, CancellationToken, ValueTask>)t.Work!)(services.GetRequiredService<S1>(), services.GetRequiredService<S2>(),
                cancellationToken).AsTask(), TaskTraits.UsesServices);

    /// <inheritdoc cref="Add(Func{ValueTask})"/>
    /// <typeparam name="S1">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S2">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S3">A service of the task's own DI scope.</typeparam>
    /// <param name="task">The task; it takes services.</param>
    [OverloadResolutionPriority(-1)]
    public void Add<S1, S2, S3>(Func<S1, S2, S3, ValueTask> task)
        where S1 : class
        where S2 : class
        where S3 : class =>
        Add(task, static (in AfterResponseTask t, IServiceProvider services, CancellationToken cancellationToken) =>
            ((Func<S1, S2, S3, ValueTask>)t.Work!)(services.GetRequiredService<S1>(), services.GetRequiredService<S2>(),
                services.GetRequiredService<S3>()).AsTask(), TaskTraits.UsesServices);

    /// <inheritdoc cref="Add(Func{ValueTask})"/>
    /// <typeparam name="S1">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S2">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S3">A service of the task's own DI scope.</typeparam>
    /// <param name="task">The task; it takes services and a token that is cancelled on shutdown after the drain.</param>
    [OverloadResolutionPriority(-1)]
    public void Add<S1, S2, S3>(Func<S1, S2, S3, CancellationToken, ValueTask> task)
        where S1 : class
        where S2 : class
        where S3 : class =>
        Add(task, static (in AfterResponseTask t, IServiceProvider services, CancellationToken cancellationToken) =>
            ((Func<S1, S2, S3, CancellationToken, ValueTask>)t.Work!)(services.GetRequiredService<S1>(), services.GetRequiredService<S2>(),
                services.GetRequiredService<S3>(), cancellationToken).AsTask(), TaskTraits.UsesServices);

    /// <inheritdoc cref="Add(Func{ValueTask})"/>
    /// <typeparam name="S1">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S2">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S3">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S4">A service of the task's own DI scope.</typeparam>
    /// <param name="task">The task; it takes services.</param>
    [OverloadResolutionPriority(-1)]
    public void Add<S1, S2, S3, S4>(Func<S1, S2, S3, S4, ValueTask> task)
        where S1 : class
        where S2 : class
        where S3 : class
        where S4 : class =>
        Add(task, static (in AfterResponseTask t, IServiceProvider services, CancellationToken cancellationToken) =>
            ((Func<S1, S2, S3, S4, ValueTask>)t.Work!)(services.GetRequiredService<S1>(), services.GetRequiredService<S2>(),
                services.GetRequiredService<S3>(), services.GetRequiredService<S4>()).AsTask(), TaskTraits.UsesServices);

    /// <inheritdoc cref="Add(Func{ValueTask})"/>
    /// <typeparam name="S1">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S2">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S3">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S4">A service of the task's own DI scope.</typeparam>
    /// <param name="task">The task; it takes services and a token that is cancelled on shutdown after the drain.</param>
    [OverloadResolutionPriority(-1)]
    public void Add<S1, S2, S3, S4>(Func<S1, S2, S3, S4, CancellationToken, ValueTask> task)
        where S1 : class
        where S2 : class
        where S3 : class
        where S4 : class =>
        Add(task, static (in AfterResponseTask t, IServiceProvider services, CancellationToken cancellationToken) =>
            ((Func<S1, S2, S3, S4, CancellationToken, ValueTask>)t.Work!)(services.GetRequiredService<S1>(),
                services.GetRequiredService<S2>(), services.GetRequiredService<S3>(), services.GetRequiredService<S4>(), cancellationToken)
                .AsTask(), TaskTraits.UsesServices);

    /// <inheritdoc cref="Add(Func{ValueTask})"/>
    /// <typeparam name="TArg">The argument's type.</typeparam>
    /// <param name="argument">Given to the task first.</param>
    /// <param name="task">The task; it takes the argument.</param>
    [OverloadResolutionPriority(-1)]
    public void Add<TArg>(TArg argument, Func<TArg, ValueTask> task) =>
        Add(task, static (in AfterResponseTask t, IServiceProvider services, CancellationToken cancellationToken) =>
            ((Func<TArg, ValueTask>)t.Work!)((TArg)t.Argument!).AsTask(), TaskTraits.None, argument);

    /// <inheritdoc cref="Add(Func{ValueTask})"/>
    /// <typeparam name="TArg">The argument's type.</typeparam>
    /// <param name="argument">Given to the task first.</param>
    /// <param name="task">The task; it takes the argument and a token that is cancelled on shutdown after the drain.</param>
    [OverloadResolutionPriority(-1)]
    public void Add<TArg>(TArg argument, Func<TArg, CancellationToken, ValueTask> task) =>
        Add(task, static (in AfterResponseTask t, IServiceProvider services, CancellationToken cancellationToken) =>
            ((Func<TArg, CancellationToken, ValueTask>)t.Work!)((TArg)t.Argument!, cancellationToken).AsTask(), TaskTraits.None, argument);

    /// <inheritdoc cref="Add(Func{ValueTask})"/>
    /// <typeparam name="TArg">The argument's type.</typeparam>
    /// <typeparam name="S1">A service of the task's own DI scope.</typeparam>
    /// <param name="argument">Given to the task first.</param>
    /// <param name="task">The task; it takes the argument and a service.</param>
    [OverloadResolutionPriority(-1)]
    public void Add<TArg, S1>(TArg argument, Func<TArg, S1, ValueTask> task)
        where S1 : class =>
        Add(task, static (in AfterResponseTask t, IServiceProvider services, CancellationToken cancellationToken) =>
            ((Func<TArg, S1, ValueTask>)t.Work!)((TArg)t.Argument!, services.GetRequiredService<S1>())
                .AsTask(), TaskTraits.UsesServices, argument);

    /// <inheritdoc cref="Add(Func{ValueTask})"/>
    /// <typeparam name="TArg">The argument's type.</typeparam>
    /// <typeparam name="S1">A service of the task's own DI scope.</typeparam>
    /// <param name="argument">Given to the task first.</param>
    /// <param name="task">The task; it takes the argument, a service and a token that is cancelled on shutdown after the drain.</param>
    [OverloadResolutionPriority(-1)]
    public void Add<TArg, S1>(TArg argument, Func<TArg, S1, CancellationToken, ValueTask> task)
        where S1 : class =>
        Add(task, static (in AfterResponseTask t, IServiceProvider services, CancellationToken cancellationToken) =>
            ((Func<TArg, S1, CancellationToken, ValueTask>)t.Work!)((TArg)t.Argument!, services.GetRequiredService<S1>(), cancellationToken)
                .AsTask(), TaskTraits.UsesServices, argument);

    /// <inheritdoc cref="Add(Func{ValueTask})"/>
    /// <typeparam name="TArg">The argument's type.</typeparam>
    /// <typeparam name="S1">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S2">A service of the task's own DI scope.</typeparam>
    /// <param name="argument">Given to the task first.</param>
    /// <param name="task">The task; it takes the argument and services.</param>
    [OverloadResolutionPriority(-1)]
    public void Add<TArg, S1, S2>(TArg argument, Func<TArg, S1, S2, ValueTask> task)
        where S1 : class
        where S2 : class =>
        Add(task, static (in AfterResponseTask t, IServiceProvider services, CancellationToken cancellationToken) =>
            ((Func<TArg, S1, S2, ValueTask>)t.Work!)((TArg)t.Argument!, services.GetRequiredService<S1>(),
                services.GetRequiredService<S2>()).AsTask(), TaskTraits.UsesServices, argument);

    /// <inheritdoc cref="Add(Func{ValueTask})"/>
    /// <typeparam name="TArg">The argument's type.</typeparam>
    /// <typeparam name="S1">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S2">A service of the task's own DI scope.</typeparam>
    /// <param name="argument">Given to the task first.</param>
    /// <param name="task">The task; it takes the argument, services and a token that is cancelled on shutdown after the drain.</param>
    [OverloadResolutionPriority(-1)]
    public void Add<TArg, S1, S2>(TArg argument, Func<TArg, S1, S2, CancellationToken, ValueTask> task)
        where S1 : class
        where S2 : class =>
        Add(task, static (in AfterResponseTask t, IServiceProvider services, CancellationToken cancellationToken) =>
            ((Func<TArg, S1, S2, CancellationToken, ValueTask>)t.Work!)((TArg)t.Argument!, services.GetRequiredService<S1>(),
                services.GetRequiredService<S2>(), cancellationToken).AsTask(), TaskTraits.UsesServices, argument);

    /// <inheritdoc cref="Add(Func{ValueTask})"/>
    /// <typeparam name="TArg">The argument's type.</typeparam>
    /// <typeparam name="S1">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S2">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S3">A service of the task's own DI scope.</typeparam>
    /// <param name="argument">Given to the task first.</param>
    /// <param name="task">The task; it takes the argument and services.</param>
    [OverloadResolutionPriority(-1)]
    public void Add<TArg, S1, S2, S3>(TArg argument, Func<TArg, S1, S2, S3, ValueTask> task)
        where S1 : class
        where S2 : class
        where S3 : class =>
        Add(task, static (in AfterResponseTask t, IServiceProvider services, CancellationToken cancellationToken) =>
            ((Func<TArg, S1, S2, S3, ValueTask>)t.Work!)((TArg)t.Argument!, services.GetRequiredService<S1>(),
                services.GetRequiredService<S2>(), services.GetRequiredService<S3>()).AsTask(), TaskTraits.UsesServices, argument);

    /// <inheritdoc cref="Add(Func{ValueTask})"/>
    /// <typeparam name="TArg">The argument's type.</typeparam>
    /// <typeparam name="S1">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S2">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S3">A service of the task's own DI scope.</typeparam>
    /// <param name="argument">Given to the task first.</param>
    /// <param name="task">The task; it takes the argument, services and a token that is cancelled on shutdown after the drain.</param>
    [OverloadResolutionPriority(-1)]
    public void Add<TArg, S1, S2, S3>(TArg argument, Func<TArg, S1, S2, S3, CancellationToken, ValueTask> task)
        where S1 : class
        where S2 : class
        where S3 : class =>
        Add(task, static (in AfterResponseTask t, IServiceProvider services, CancellationToken cancellationToken) =>
            ((Func<TArg, S1, S2, S3, CancellationToken, ValueTask>)t.Work!)((TArg)t.Argument!, services.GetRequiredService<S1>(),
                services.GetRequiredService<S2>(), services.GetRequiredService<S3>(), cancellationToken)
                .AsTask(), TaskTraits.UsesServices, argument);

    /// <inheritdoc cref="Add(Func{ValueTask})"/>
    /// <typeparam name="TArg">The argument's type.</typeparam>
    /// <typeparam name="S1">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S2">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S3">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S4">A service of the task's own DI scope.</typeparam>
    /// <param name="argument">Given to the task first.</param>
    /// <param name="task">The task; it takes the argument and services.</param>
    [OverloadResolutionPriority(-1)]
    public void Add<TArg, S1, S2, S3, S4>(TArg argument, Func<TArg, S1, S2, S3, S4, ValueTask> task)
        where S1 : class
        where S2 : class
        where S3 : class
        where S4 : class =>
        Add(task, static (in AfterResponseTask t, IServiceProvider services, CancellationToken cancellationToken) =>
            ((Func<TArg, S1, S2, S3, S4, ValueTask>)t.Work!)((TArg)t.Argument!, services.GetRequiredService<S1>(),
                services.GetRequiredService<S2>(), services.GetRequiredService<S3>(), services.GetRequiredService<S4>())
                .AsTask(), TaskTraits.UsesServices, argument);

    /// <inheritdoc cref="Add(Func{ValueTask})"/>
    /// <typeparam name="TArg">The argument's type.</typeparam>
    /// <typeparam name="S1">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S2">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S3">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S4">A service of the task's own DI scope.</typeparam>
    /// <param name="argument">Given to the task first.</param>
    /// <param name="task">The task; it takes the argument, services and a token that is cancelled on shutdown after the drain.</param>
    [OverloadResolutionPriority(-1)]
    public void Add<TArg, S1, S2, S3, S4>(TArg argument, Func<TArg, S1, S2, S3, S4, CancellationToken, ValueTask> task)
        where S1 : class
        where S2 : class
        where S3 : class
        where S4 : class =>
        Add(task, static (in AfterResponseTask t, IServiceProvider services, CancellationToken cancellationToken) =>
            ((Func<TArg, S1, S2, S3, S4, CancellationToken, ValueTask>)t.Work!)((TArg)t.Argument!, services.GetRequiredService<S1>(),
                services.GetRequiredService<S2>(), services.GetRequiredService<S3>(), services.GetRequiredService<S4>(), cancellationToken)
                .AsTask(), TaskTraits.UsesServices, argument);
}
