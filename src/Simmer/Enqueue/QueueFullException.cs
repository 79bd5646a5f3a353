namespace Simmer;

/// <summary>An in-memory queue has no room left.</summary>
public sealed class QueueFullException : Exception
{
    internal QueueFullException(string queue, int capacity)
        : base($"Queue '{queue}' is full: as many jobs wait in memory as its Capacity allows, which is {capacity:N0}. Try again later, "
            + "or raise its Capacity or Concurrency.") =>
        (Queue, Capacity) = (queue, capacity);

    /// <summary>The queue.</summary>
    public string Queue { get; }

    /// <summary>How many jobs may wait in it.</summary>
    public int Capacity { get; }
}
