namespace Simmer;

/// <summary>On which threads the handlers of a queue run.</summary>
public enum QueueThreads
{
    /// <summary>On the threads of the process's pool, as all asynchronous code runs. A handler that blocks one takes it from the
    /// requests.</summary>
    Shared = 0,

    /// <summary>On threads of the queue's own: about as many as handlers run at once, made when they are needed and ended 10 seconds after
    /// that, or with the host. What a handler awaits goes on there as well, except after <c>ConfigureAwait(false)</c> and in what it gives
    /// to <c>Task.Run</c>. A handler that waits for its own asynchronous calls by <c>.Result</c> or <c>.Wait()</c> does not wait for ever.
    /// A short job costs a little more than on shared threads.</summary>
    Dedicated = 1,
}
