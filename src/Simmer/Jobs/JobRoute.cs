namespace Simmer.Jobs;

/// <summary>The store, queue and handler of the jobs of one kind in one queue. It is looked up once and not for every job, because that
/// compares names.</summary>
/// <param name="kind">The kind.</param>
/// <param name="queue">The stored name of the queue.</param>
/// <param name="isDurable">Whether a database holds the queue; else it lives in memory.</param>
internal abstract class JobRoute(JobKind kind, string queue, bool isDurable)
{
    public JobKind Kind => kind;

    public string Queue => queue;

    public bool IsDurable => isDurable;

    /// <summary>The options of the queue; null: this process does not work on it.</summary>
    public abstract QueueOptions? LocalOptions { get; }

    /// <summary>Takes places in a bounded queue; false: it is full.</summary>
    public abstract bool TryEnter(int count);

    /// <summary>Gives back places that are not needed any more.</summary>
    public abstract void Leave(int count);
}
