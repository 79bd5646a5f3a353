namespace Simmer.AfterResponse;

/// <summary>Calls a task's delegate. Static and made once per shape, so that adding a task costs no closure.</summary>
internal delegate Task TaskCall(in AfterResponseTask task, IServiceProvider services, CancellationToken cancellationToken);

/// <summary>One delegate to run, with what it needs to be called.</summary>
/// <param name="Work">The user's delegate.</param>
/// <param name="Argument">The leading argument, or the job to enqueue.</param>
/// <param name="Call">Knows the delegate's shape.</param>
/// <param name="Traits">What the runner must know about the shape.</param>
internal readonly record struct AfterResponseTask(Delegate? Work, object? Argument, TaskCall Call, TaskTraits Traits)
{
    public bool UsesServices => (Traits & TaskTraits.UsesServices) != 0;

    public bool IsSynchronous => (Traits & TaskTraits.Synchronous) != 0;

    /// <summary>For logs; made only when something is to be told.</summary>
    public string Name => Work is null ? $"enqueue {((EnqueueCommand)Argument!).Job.GetType().Name}" : TaskName.Of(Work);

    public Task RunAsync(IServiceProvider services, CancellationToken cancellationToken) => Call(this, services, cancellationToken);
}

/// <summary>What the runner must know about a task's shape.</summary>
[Flags]
internal enum TaskTraits
{
    None = 0,

    /// <summary>Needs a DI scope.</summary>
    UsesServices = 1,

    /// <summary>May block its thread.</summary>
    Synchronous = 2,
}

/// <summary>A typed job to enqueue once the response is sent.</summary>
internal sealed record EnqueueCommand(IJob Job, EnqueueOptions? Options);
