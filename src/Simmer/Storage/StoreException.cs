namespace Simmer.Storage;

/// <summary>Trouble in a store: the one type of exception that its verbs throw.</summary>
public sealed class StoreException : Exception
{
    private const string MayBeDone =
        "What was asked may have been done all the same. An enqueue is repeated safely with the same id (EnqueueOptions.Id, "
            + "WorkflowOptions.Id): it is stored once.";

    // Without what an unknown outcome means for the caller.
    private readonly string _said;

    /// <summary>Makes one.</summary>
    /// <param name="message">What was wrong, what was got, what is allowed, the way out. Where the outcome is unknown, what that means for
    /// the caller is added.</param>
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

    /// <summary>Whether the call may have been committed: a flush is then repeated under its own number, and whoever enqueued repeats with
    /// the same id.</summary>
    public bool OutcomeUnknown { get; }

    /// <summary>For the caller of an enqueue that may have been stored: what it was, and how to repeat it.</summary>
    internal static StoreException MayBeStored(string what, string why, string howToRepeat, Exception cause)
    {
        var fault = cause as StoreException ?? new StoreException(cause.Message, inner: cause);
        return new($"It is not known whether {what} was stored: it may have been, and may run. {why} {howToRepeat} Of the last "
            + $"attempt: {fault._said}", fault);
    }
}
