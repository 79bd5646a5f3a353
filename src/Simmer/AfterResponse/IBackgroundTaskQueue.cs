namespace Simmer;

/// <summary>Starts a task in the background at once, from code that has no request. The task runs in this process, at most once. For tasks
/// after a response see <c>BackgroundTasks</c>.</summary>
public interface IBackgroundTaskQueue
{
    /// <summary>Hands a task over; it starts as soon as a slot of the queue <c>after-response</c> is free.</summary>
    /// <param name="task">The task, with its own DI scope and a token that is cancelled on shutdown after the drain.</param>
    /// <exception cref="QueueFullException">The queue is full.</exception>
    void Enqueue(Func<IServiceProvider, CancellationToken, Task> task);
}
