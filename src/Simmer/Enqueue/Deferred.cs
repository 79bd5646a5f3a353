namespace Simmer.Enqueue;

/// <summary>A job or a workflow that was made and checked, and is stored later in a transaction of the caller's. Its id is given: stored
/// again, it is still one.</summary>
internal abstract class Deferred
{
    /// <summary>The id of the job or the workflow.</summary>
    public abstract Guid Id { get; }

    /// <summary>Called when it was committed. From now on its handle has the outcome, and it counts as sent.</summary>
    public abstract void Settle();
}
