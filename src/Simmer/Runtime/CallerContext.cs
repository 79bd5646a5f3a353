namespace Simmer.Runtime;

/// <summary>Separates the engine from its callers. Work that callers share, and the rest of a public method after its first wait, must not
/// continue in a caller's <see cref="SynchronizationContext"/> or on its <see cref="TaskScheduler"/>: these may be busy, gone, or blocked
/// by the caller itself.</summary>
internal static class CallerContext
{
    private static readonly Pool s_pool = new();

    /// <summary>Makes every wait from here on continue on the thread pool. It is the first statement of each public asynchronous method;
    /// the runtime restores the caller's context when the method returns. In an iterator it also stands after each <c>yield
    /// return</c>.</summary>
    public static void Leave()
    {
        if (IsForeign(TaskScheduler.Current))
        {
            // A scheduler cannot be put aside; a wait looks for a context first.
            SynchronizationContext.SetSynchronizationContext(s_pool);
        }
        else if (SynchronizationContext.Current is not null)
        {
            SynchronizationContext.SetSynchronizationContext(null);
        }
    }

    /// <summary>Restores the context in which the application's code was called. That code may have set one of its own on this thread and
    /// left it there.</summary>
    public static void Return(SynchronizationContext? before)
    {
        if (SynchronizationContext.Current != before)
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    /// <summary>Starts work that outlives the call which starts it. Neither the caller's context nor its ambient values
    /// (<see cref="AsyncLocal{T}"/>) flow into it, which would keep them in memory.</summary>
    /// <param name="work">The work, whose synchronous part runs here.</param>
    /// <param name="state">What it is given.</param>
    public static Task Detached<TState>(Func<TState, Task> work, TState state)
    {
        var before = SynchronizationContext.Current;
        Leave();
        try
        {
            if (ExecutionContext.IsFlowSuppressed())
            {
                return work(state);
            }

            using (ExecutionContext.SuppressFlow())
            {
                return work(state);
            }
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    /// <summary>Waits for work in a synchronous method. The work begins on the caller's thread, and needs neither its context nor its
    /// scheduler to end.</summary>
    /// <param name="work">The work.</param>
    public static void Block(Func<Task> work)
    {
        var before = SynchronizationContext.Current;
        Task task;
        Leave();
        try
        {
            task = work();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }

        task.GetAwaiter().GetResult();
    }

    private static bool IsForeign(TaskScheduler scheduler) => scheduler != TaskScheduler.Default && scheduler is not EngineScheduler;

    /// <summary>A context whose callbacks run on the thread pool. It is a type of its own, because awaits ignore a plain
    /// <see cref="SynchronizationContext"/>.</summary>
    private sealed class Pool : SynchronizationContext;
}
