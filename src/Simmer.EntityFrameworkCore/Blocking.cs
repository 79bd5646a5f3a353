namespace Simmer.EntityFrameworkCore;

/// <summary>Waits for asynchronous work where the caller's API is synchronous.</summary>
internal static class Blocking
{
    /// <summary>Where continuations would want to come back to the thread that waits for them, the work runs on the pool; elsewhere it begins here, and mostly ends here.</summary>
    public static void Run(Func<Task> work)
    {
        var task = SynchronizationContext.Current is null && TaskScheduler.Current == TaskScheduler.Default ? work() : Task.Run(work);
        task.GetAwaiter().GetResult();
    }
}
