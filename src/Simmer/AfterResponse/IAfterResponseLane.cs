namespace Simmer.AfterResponse;

/// <summary>Where a request's tasks go: a bounded queue in memory.</summary>
internal interface IAfterResponseLane
{
    int Capacity { get; }

    /// <summary>Takes one place in the queue.</summary>
    bool TryReserve();

    /// <summary>Gives an unused place back.</summary>
    void Release();

    /// <summary>Uses a place that was taken. Returns at once and never throws.</summary>
    void Submit(AfterResponseBatch batch);
}
