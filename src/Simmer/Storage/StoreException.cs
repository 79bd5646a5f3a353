namespace Simmer.Storage;

/// <summary>Trouble in a store: the one type of exception that its verbs throw.</summary>
public sealed class StoreException : Exception
{
    /// <summary>Makes one.</summary>
    /// <param name="message">What was wrong, what was got, what is allowed, the way out.</param>
    /// <param name="isTransient">Whether the same call may succeed later.</param>
    /// <param name="outcomeUnknown">Whether the call may have been committed.</param>
    /// <param name="inner">The cause.</param>
    public StoreException(string message, bool isTransient = false, bool outcomeUnknown = false, Exception? inner = null)
        : base(message, inner) => (IsTransient, OutcomeUnknown) = (isTransient, outcomeUnknown);

    /// <summary>Whether the same call may succeed later.</summary>
    public bool IsTransient { get; }

    /// <summary>Whether the call may have been committed: a flush is then repeated under its own number.</summary>
    public bool OutcomeUnknown { get; }
}
