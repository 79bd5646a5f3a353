namespace Simmer.Runtime;

/// <summary>The door by which callers come in. What others share, and what a public method does after its first wait, must not go on in a
/// caller's <see cref="SynchronizationContext"/> or on his <see cref="TaskScheduler"/>: these may be busy, blocked by the caller himself,
/// or gone.</summary>
internal static class CallerContext
{
    private static readonly Pool s_pool = new();

    /// <summary>Every wait from here on goes on in the thread pool. The first statement of each asynchronous method by which a caller comes
    /// in: the runtime gives him his context back when the method returns to him. In an iterator also after each <c>yield
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

    /// <summary>Takes back the context in which code of the application's was called: it may have set one of its own on this thread and
    /// left it there.</summary>
    public static void Return(SynchronizationContext? before)
    {
        if (SynchronizationContext.Current != before)
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    /// <summary>Starts what outlives the call that starts it: neither the caller's context nor his ambient values
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

    /// <summary>Waits for work where the caller's API is synchronous. It begins on his thread, and needs neither his context nor his
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

    /// <summary>What is posted runs in the thread pool. A type of its own, because a wait ignores a plain
    /// <see cref="SynchronizationContext"/>.</summary>
    private sealed class Pool : SynchronizationContext;
}
