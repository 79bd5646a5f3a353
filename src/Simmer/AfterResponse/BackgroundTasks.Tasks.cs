using Microsoft.Extensions.DependencyInjection;
using Simmer.AfterResponse;

namespace Simmer;

/// <summary>The shapes of <c>Add</c>: nothing, a token, up to four services, or services and a token, with or without a leading
/// argument.</summary>
// Every shape exists three times, or lambdas go astray: without a Func for it, an async lambda would become an async void Action.
// S: class, so that a token is never taken for a service.
public sealed partial class BackgroundTasks
{
    /// <summary>Adds a task to run after the response.</summary>
    /// <param name="task">The task.</param>
    /// <exception cref="QueueFullException">The queue of after-response tasks is full; unhandled, it becomes 503 with
    /// <c>Retry-After</c>.</exception>
    /// <exception cref="InvalidOperationException">The tasks were handed over already.</exception>
    public void Add(Func<Task> task) =>
        Add(task, static (in AfterResponseTask t, IServiceProvider services, CancellationToken cancellationToken) =>
            ((Func<Task>)t.Work!)(), TaskTraits.None);

    /// <inheritdoc cref="Add(Func{Task})"/>
    /// <param name="task">The task; it takes a token that is cancelled on shutdown after the drain.</param>
    public void Add(Func<CancellationToken, Task> task) =>
        Add(task, static (in AfterResponseTask t, IServiceProvider services, CancellationToken cancellationToken) =>
            ((Func<CancellationToken, Task>)t.Work!)(cancellationToken), TaskTraits.None);

    /// <inheritdoc cref="Add(Func{Task})"/>
    /// <typeparam name="S1">A service of the task's own DI scope.</typeparam>
    /// <param name="task">The task; it takes a service.</param>
    public void Add<S1>(Func<S1, Task> task)
        where S1 : class =>
        Add(task, static (in AfterResponseTask t, IServiceProvider services, CancellationToken cancellationToken) =>
            ((Func<S1, Task>)t.Work!)(services.GetRequiredService<S1>()), TaskTraits.UsesServices);

    /// <inheritdoc cref="Add(Func{Task})"/>
    /// <typeparam name="S1">A service of the task's own DI scope.</typeparam>
    /// <param name="task">The task; it takes a service and a token that is cancelled on shutdown after the drain.</param>
    public void Add<S1>(Func<S1, CancellationToken, Task> task)
        where S1 : class =>
        Add(task, static (in AfterResponseTask t, IServiceProvider services, CancellationToken cancellationToken) =>
            ((Func<S1, CancellationToken, Task>)t.Work!)(services.GetRequiredService<S1>(), cancellationToken), TaskTraits.UsesServices);

    /// <inheritdoc cref="Add(Func{Task})"/>
    /// <typeparam name="S1">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S2">A service of the task's own DI scope.</typeparam>
    /// <param name="task">The task; it takes services.</param>
    public void Add<S1, S2>(Func<S1, S2, Task> task)
        where S1 : class
        where S2 : class =>
        Add(task, static (in AfterResponseTask t, IServiceProvider services, CancellationToken cancellationToken) =>
            ((Func<S1, S2, Task>)t.Work!)(services.GetRequiredService<S1>(), services.GetRequiredService<S2>()), TaskTraits.UsesServices);

    /// <inheritdoc cref="Add(Func{Task})"/>
    /// <typeparam name="S1">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S2">A service of the task's own DI scope.</typeparam>
    /// <param name="task">The task; it takes services and a token that is cancelled on shutdown after the drain.</param>
    public void Add<S1, S2>(Func<S1, S2, CancellationToken, Task> task)
        where S1 : class
        where S2 : class =>
        Add(task, static (in AfterResponseTask t, IServiceProvider services, CancellationToken cancellationToken) =>
            ((Func<S1, S2, CancellationToken, Task>)t.Work!)(services.GetRequiredService<S1>(), services.GetRequiredService<S2>(),
                cancellationToken), TaskTraits.UsesServices);

    /// <inheritdoc cref="Add(Func{Task})"/>
    /// <typeparam name="S1">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S2">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S3">A service of the task's own DI scope.</typeparam>
    /// <param name="task">The task; it takes services.</param>
    public void Add<S1, S2, S3>(Func<S1, S2, S3, Task> task)
        where S1 : class
        where S2 : class
        where S3 : class =>
        Add(task, static (in AfterResponseTask t, IServiceProvider services, CancellationToken cancellationToken) =>
            ((Func<S1, S2, S3, Task>)t.Work!)(services.GetRequiredService<S1>(), services.GetRequiredService<S2>(),
                services.GetRequiredService<S3>()), TaskTraits.UsesServices);

    /// <inheritdoc cref="Add(Func{Task})"/>
    /// <typeparam name="S1">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S2">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S3">A service of the task's own DI scope.</typeparam>
    /// <param name="task">The task; it takes services and a token that is cancelled on shutdown after the drain.</param>
    public void Add<S1, S2, S3>(Func<S1, S2, S3, CancellationToken, Task> task)
        where S1 : class
        where S2 : class
        where S3 : class =>
        Add(task, static (in AfterResponseTask t, IServiceProvider services, CancellationToken cancellationToken) =>
            ((Func<S1, S2, S3, CancellationToken, Task>)t.Work!)(services.GetRequiredService<S1>(), services.GetRequiredService<S2>(),
                services.GetRequiredService<S3>(), cancellationToken), TaskTraits.UsesServices);

    /// <inheritdoc cref="Add(Func{Task})"/>
    /// <typeparam name="S1">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S2">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S3">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S4">A service of the task's own DI scope.</typeparam>
    /// <param name="task">The task; it takes services.</param>
    public void Add<S1, S2, S3, S4>(Func<S1, S2, S3, S4, Task> task)
        where S1 : class
        where S2 : class
        where S3 : class
        where S4 : class =>
        Add(task, static (in AfterResponseTask t, IServiceProvider services, CancellationToken cancellationToken) =>
            ((Func<S1, S2, S3, S4, Task>)t.Work!)(services.GetRequiredService<S1>(), services.GetRequiredService<S2>(),
                services.GetRequiredService<S3>(), services.GetRequiredService<S4>()), TaskTraits.UsesServices);

    /// <inheritdoc cref="Add(Func{Task})"/>
    /// <typeparam name="S1">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S2">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S3">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S4">A service of the task's own DI scope.</typeparam>
    /// <param name="task">The task; it takes services and a token that is cancelled on shutdown after the drain.</param>
    public void Add<S1, S2, S3, S4>(Func<S1, S2, S3, S4, CancellationToken, Task> task)
        where S1 : class
        where S2 : class
        where S3 : class
        where S4 : class =>
        Add(task, static (in AfterResponseTask t, IServiceProvider services, CancellationToken cancellationToken) =>
            ((Func<S1, S2, S3, S4, CancellationToken, Task>)t.Work!)(services.GetRequiredService<S1>(), services.GetRequiredService<S2>(),
                services.GetRequiredService<S3>(), services.GetRequiredService<S4>(), cancellationToken), TaskTraits.UsesServices);

    /// <inheritdoc cref="Add(Func{Task})"/>
    /// <typeparam name="TArg">The argument's type.</typeparam>
    /// <param name="argument">Given to the task first.</param>
    /// <param name="task">The task; it takes the argument.</param>
    public void Add<TArg>(TArg argument, Func<TArg, Task> task) =>
        Add(task, static (in AfterResponseTask t, IServiceProvider services, CancellationToken cancellationToken) =>
            ((Func<TArg, Task>)t.Work!)((TArg)t.Argument!), TaskTraits.None, argument);

    /// <inheritdoc cref="Add(Func{Task})"/>
    /// <typeparam name="TArg">The argument's type.</typeparam>
    /// <param name="argument">Given to the task first.</param>
    /// <param name="task">The task; it takes the argument and a token that is cancelled on shutdown after the drain.</param>
    public void Add<TArg>(TArg argument, Func<TArg, CancellationToken, Task> task) =>
        Add(task, static (in AfterResponseTask t, IServiceProvider services, CancellationToken cancellationToken) =>
            ((Func<TArg, CancellationToken, Task>)t.Work!)((TArg)t.Argument!, cancellationToken), TaskTraits.None, argument);

    /// <inheritdoc cref="Add(Func{Task})"/>
    /// <typeparam name="TArg">The argument's type.</typeparam>
    /// <typeparam name="S1">A service of the task's own DI scope.</typeparam>
    /// <param name="argument">Given to the task first.</param>
    /// <param name="task">The task; it takes the argument and a service.</param>
    public void Add<TArg, S1>(TArg argument, Func<TArg, S1, Task> task)
        where S1 : class =>
        Add(task, static (in AfterResponseTask t, IServiceProvider services, CancellationToken cancellationToken) =>
            ((Func<TArg, S1, Task>)t.Work!)((TArg)t.Argument!, services.GetRequiredService<S1>()), TaskTraits.UsesServices, argument);

    /// <inheritdoc cref="Add(Func{Task})"/>
    /// <typeparam name="TArg">The argument's type.</typeparam>
    /// <typeparam name="S1">A service of the task's own DI scope.</typeparam>
    /// <param name="argument">Given to the task first.</param>
    /// <param name="task">The task; it takes the argument, a service and a token that is cancelled on shutdown after the drain.</param>
    public void Add<TArg, S1>(TArg argument, Func<TArg, S1, CancellationToken, Task> task)
        where S1 : class =>
        Add(task, static (in AfterResponseTask t, IServiceProvider services, CancellationToken cancellationToken) =>
            ((Func<TArg, S1, CancellationToken, Task>)t.Work!)((TArg)t.Argument!, services.GetRequiredService<S1>(), cancellationToken),
                TaskTraits.UsesServices, argument);

    /// <inheritdoc cref="Add(Func{Task})"/>
    /// <typeparam name="TArg">The argument's type.</typeparam>
    /// <typeparam name="S1">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S2">A service of the task's own DI scope.</typeparam>
    /// <param name="argument">Given to the task first.</param>
    /// <param name="task">The task; it takes the argument and services.</param>
    public void Add<TArg, S1, S2>(TArg argument, Func<TArg, S1, S2, Task> task)
        where S1 : class
        where S2 : class =>
        Add(task, static (in AfterResponseTask t, IServiceProvider services, CancellationToken cancellationToken) =>
            ((Func<TArg, S1, S2, Task>)t.Work!)((TArg)t.Argument!, services.GetRequiredService<S1>(), services.GetRequiredService<S2>()),
                TaskTraits.UsesServices, argument);

    /// <inheritdoc cref="Add(Func{Task})"/>
    /// <typeparam name="TArg">The argument's type.</typeparam>
    /// <typeparam name="S1">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S2">A service of the task's own DI scope.</typeparam>
    /// <param name="argument">Given to the task first.</param>
    /// <param name="task">The task; it takes the argument, services and a token that is cancelled on shutdown after the drain.</param>
    public void Add<TArg, S1, S2>(TArg argument, Func<TArg, S1, S2, CancellationToken, Task> task)
        where S1 : class
        where S2 : class =>
        Add(task, static (in AfterResponseTask t, IServiceProvider services, CancellationToken cancellationToken) =>
            ((Func<TArg, S1, S2, CancellationToken, Task>)t.Work!)((TArg)t.Argument!, services.GetRequiredService<S1>(),
                services.GetRequiredService<S2>(), cancellationToken), TaskTraits.UsesServices, argument);

    /// <inheritdoc cref="Add(Func{Task})"/>
    /// <typeparam name="TArg">The argument's type.</typeparam>
    /// <typeparam name="S1">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S2">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S3">A service of the task's own DI scope.</typeparam>
    /// <param name="argument">Given to the task first.</param>
    /// <param name="task">The task; it takes the argument and services.</param>
    public void Add<TArg, S1, S2, S3>(TArg argument, Func<TArg, S1, S2, S3, Task> task)
        where S1 : class
        where S2 : class
        where S3 : class =>
        Add(task, static (in AfterResponseTask t, IServiceProvider services, CancellationToken cancellationToken) =>
            ((Func<TArg, S1, S2, S3, Task>)t.Work!)((TArg)t.Argument!, services.GetRequiredService<S1>(), services.GetRequiredService<S2>(),
                services.GetRequiredService<S3>()), TaskTraits.UsesServices, argument);

    /// <inheritdoc cref="Add(Func{Task})"/>
    /// <typeparam name="TArg">The argument's type.</typeparam>
    /// <typeparam name="S1">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S2">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S3">A service of the task's own DI scope.</typeparam>
    /// <param name="argument">Given to the task first.</param>
    /// <param name="task">The task; it takes the argument, services and a token that is cancelled on shutdown after the drain.</param>
    public void Add<TArg, S1, S2, S3>(TArg argument, Func<TArg, S1, S2, S3, CancellationToken, Task> task)
        where S1 : class
        where S2 : class
        where S3 : class =>
        Add(task, static (in AfterResponseTask t, IServiceProvider services, CancellationToken cancellationToken) =>
            ((Func<TArg, S1, S2, S3, CancellationToken, Task>)t.Work!)((TArg)t.Argument!, services.GetRequiredService<S1>(), services
                .GetRequiredService<S2>(), services.GetRequiredService<S3>(), cancellationToken), TaskTraits.UsesServices, argument);

    /// <inheritdoc cref="Add(Func{Task})"/>
    /// <typeparam name="TArg">The argument's type.</typeparam>
    /// <typeparam name="S1">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S2">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S3">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S4">A service of the task's own DI scope.</typeparam>
    /// <param name="argument">Given to the task first.</param>
    /// <param name="task">The task; it takes the argument and services.</param>
    public void Add<TArg, S1, S2, S3, S4>(TArg argument, Func<TArg, S1, S2, S3, S4, Task> task)
        where S1 : class
        where S2 : class
        where S3 : class
        where S4 : class =>
        Add(task, static (in AfterResponseTask t, IServiceProvider services, CancellationToken cancellationToken) =>
            ((Func<TArg, S1, S2, S3, S4, Task>)t.Work!)((TArg)t.Argument!, services.GetRequiredService<S1>(),
                services.GetRequiredService<S2>(), services.GetRequiredService<S3>(), services.GetRequiredService<S4>()),
                TaskTraits.UsesServices, argument);

    /// <inheritdoc cref="Add(Func{Task})"/>
    /// <typeparam name="TArg">The argument's type.</typeparam>
    /// <typeparam name="S1">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S2">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S3">A service of the task's own DI scope.</typeparam>
    /// <typeparam name="S4">A service of the task's own DI scope.</typeparam>
    /// <param name="argument">Given to the task first.</param>
    /// <param name="task">The task; it takes the argument, services and a token that is cancelled on shutdown after the drain.</param>
    public void Add<TArg, S1, S2, S3, S4>(TArg argument, Func<TArg, S1, S2, S3, S4, CancellationToken, Task> task)
        where S1 : class
        where S2 : class
        where S3 : class
        where S4 : class =>
        Add(task, static (in AfterResponseTask t, IServiceProvider services, CancellationToken cancellationToken) =>
            ((Func<TArg, S1, S2, S3, S4, CancellationToken, Task>)t.Work!)((TArg)t.Argument!, services.GetRequiredService<S1>(),
                services.GetRequiredService<S2>(), services.GetRequiredService<S3>(), services.GetRequiredService<S4>(), cancellationToken),
                TaskTraits.UsesServices, argument);
}
