namespace Simmer.Jobs;

/// <summary>The ways in which an attempt ends.</summary>
internal enum OutcomeKind
{
    /// <summary>The handler returned, with a result or a verdict.</summary>
    Returned,
    Threw,

    /// <summary>The handler returned a result that cannot be stored. Another attempt would not change that.</summary>
    BadResult,
    TimeLimit,
    Cancelled,

    /// <summary>Stopped by a shutdown: no attempt is spent.</summary>
    Interrupted,

    /// <summary>Stopped because the lease may be over: whatever it did, another run may do again.</summary>
    LeaseLost,

    /// <summary>Completed by a transaction of the handler's own, which was committed.</summary>
    Committed,

    /// <summary>The handler returned, and the transaction in which it completed the job was not committed, as far as can be told.</summary>
    NotCommitted,

    /// <summary>Never started: its worker died under it as often as it has attempts.</summary>
    Poison,

    /// <summary>The stored record, or a stored result that it takes, could not be read.</summary>
    Unreadable,

    /// <summary>Never started: this process has no handler for its kind.</summary>
    UnknownKind,
}
