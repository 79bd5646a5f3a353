namespace Simmer.AfterResponse;

/// <summary>Calls the delegate of a task. There is one static delegate for each overload, so that adding a task allocates no
/// closure.</summary>
internal delegate Task TaskCall(in AfterResponseTask task, IServiceProvider services, CancellationToken cancellationToken);

/// <summary>One delegate to run, with everything that is needed to call it.</summary>
/// <param name="Work">The user's delegate.</param>
/// <param name="Argument">The leading argument, or the job to enqueue.</param>
/// <param name="Call">Calls the delegate; it knows its parameters and what it returns.</param>
/// <param name="Traits">What the runner must know about the delegate.</param>
internal readonly record struct AfterResponseTask(Delegate? Work, object? Argument, TaskCall Call, TaskTraits Traits)
{
    public bool UsesServices => (Traits & TaskTraits.UsesServices) != 0;

    public bool IsSynchronous => (Traits & TaskTraits.Synchronous) != 0;

    /// <summary>The name for logs. It is made only when something is logged.</summary>
    public string Name => Work is null ? $"enqueue {((EnqueueCommand)Argument!).Job.GetType().Name}" : TaskName.Of(Work);

    public Task RunAsync(IServiceProvider services, CancellationToken cancellationToken) => Call(this, services, cancellationToken);
}

/// <summary>What the runner must know about a task's delegate.</summary>
[Flags]
internal enum TaskTraits
{
    None = 0,

    /// <summary>It takes services, so it needs a DI scope.</summary>
    UsesServices = 1,

    /// <summary>It is synchronous, so it may block its thread.</summary>
    Synchronous = 2,
}

/// <summary>A typed job to enqueue once the response is sent.</summary>
internal sealed record EnqueueCommand(IJob Job, EnqueueOptions? Options);
