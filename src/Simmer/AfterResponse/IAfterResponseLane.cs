namespace Simmer.AfterResponse;

/// <summary>The bounded in-memory queue that runs after-response tasks; the engine implements it.</summary>
internal interface IAfterResponseLane
{
    /// <summary>How many batches may wait.</summary>
    int Capacity { get; }

    /// <summary>Takes one place in the queue.</summary>
    /// <returns>False: the queue is full.</returns>
    bool TryReserve();

    /// <summary>Gives back a place that will not be used.</summary>
    void Release();

    /// <summary>Queues a batch on a reserved place. Returns at once and never throws: it is called on a server's own path, between a response and the next request.</summary>
    void Submit(AfterResponseBatch batch);
}
