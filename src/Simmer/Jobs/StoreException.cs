namespace Simmer;

/// <summary>A store could not do what was asked, or refused to: the one type of exception for trouble with a database, whether an
/// application's call met it (<see cref="IJobClient"/>) or the engine's own.</summary>
public sealed class StoreException : Exception
{
    private const string MayBeDone =
        "What was asked may have been done all the same. An enqueue is repeated safely with the same id (EnqueueOptions.Id, "
            + "WorkflowOptions.Id): it is stored once.";

    // The message without what an unknown outcome means for the caller.
    private readonly string _said;

    /// <summary>Makes one.</summary>
    /// <param name="message">What was wrong, what was got, what is allowed, and the way out. If the outcome is unknown, a sentence on what
    /// that means for the caller is added.</param>
    /// <param name="isTransient">Whether the same call may succeed later.</param>
    /// <param name="outcomeUnknown">Whether the call may have been committed.</param>
    /// <param name="inner">The cause.</param>
    public StoreException(string message, bool isTransient = false, bool outcomeUnknown = false, Exception? inner = null)
        : base(outcomeUnknown ? $"{message} {MayBeDone}" : message, inner) =>
            (_said, IsTransient, OutcomeUnknown) = (message, isTransient, outcomeUnknown);

    private StoreException(string message, StoreException cause)
        : base(message, cause) => (_said, IsTransient, OutcomeUnknown) = (message, cause.IsTransient, true);

    /// <summary>Whether the same call may succeed later.</summary>
    public bool IsTransient { get; }

    /// <summary>Whether the call may have been committed. The engine then repeats a flush under its own number; a caller of an enqueue
    /// repeats it with the same id.</summary>
    public bool OutcomeUnknown { get; }

    /// <summary>The exception for the caller of an enqueue that may have been stored. It names the job and says how to repeat the
    /// call.</summary>
    internal static StoreException MayBeStored(string what, string why, string howToRepeat, Exception cause)
    {
        var fault = cause as StoreException ?? new StoreException(cause.Message, inner: cause);
        return new($"It is not known whether {what} was stored: it may have been, and may run. {why} {howToRepeat} Of the last "
            + $"attempt: {fault._said}", fault);
    }
}
