namespace Simmer.AfterResponse;

/// <summary>The bounded in-memory queue that runs after-response tasks; the engine implements it.</summary>
internal interface IAfterResponseQueue
{
    /// <summary>How many batches may wait.</summary>
    int Capacity { get; }

    /// <summary>Takes one place in the queue.</summary>
    /// <returns>False: the queue is full.</returns>
    bool TryReserve();

    /// <summary>Gives back a place that will not be used.</summary>
    void Release();

    /// <summary>Checks that a job can be enqueued later.</summary>
    /// <exception cref="InvalidOperationException">Its kind is not registered, or its queue is not declared.</exception>
    /// <exception cref="ArgumentException">An option is out of range, or the payload is over the limit.</exception>
    void Check(IJob job, EnqueueOptions? options);

    /// <summary>Drops a batch whose request failed, and gives back its place.</summary>
    /// <param name="batch">The tasks.</param>
    /// <param name="why">How the request failed, such as <c>was answered 404</c>.</param>
    void Drop(AfterResponseBatch batch, string why);

    /// <summary>Checks that a task can be called later.</summary>
    /// <param name="work">The delegate of the task.</param>
    /// <param name="takesArgument">Whether its first parameter is the argument that was given with it, and so no service.</param>
    /// <exception cref="InvalidOperationException">It takes a service that is not registered.</exception>
    void Check(Delegate work, bool takesArgument);

    /// <summary>Queues a batch on a reserved place. Returns at once and never throws: it is called on a server's own path, between a
    /// response and the next request.</summary>
    void Submit(AfterResponseBatch batch);

    /// <summary>Counts a task that threw.</summary>
    void TaskFailed();
}
