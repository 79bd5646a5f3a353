namespace Simmer;

/// <summary>A queue as an operator sees it: a snapshot.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Durability">Where its jobs are: <see cref="Durability.Durable"/> or <see cref="Durability.InMemory"/>.</param>
public sealed record QueueStatus(string Name, Durability Durability)
{
    /// <summary>Whether this process declares it.</summary>
    public bool IsDeclared { get; init; }

    /// <summary>How many jobs are ready; 10,000 means that many or more.</summary>
    public long Ready { get; init; }

    /// <summary>How long the oldest ready job has been waiting; <see langword="null"/>: none is ready.</summary>
    public TimeSpan? OldestReady { get; init; }

    /// <summary>Why, by whom and since when it is paused; <see langword="null"/>: it is not.</summary>
    public QueuePause? Pause { get; init; }
}
