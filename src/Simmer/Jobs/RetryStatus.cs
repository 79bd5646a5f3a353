namespace Simmer;

/// <summary>The answer to an operator's retry.</summary>
public enum RetryStatus
{
    /// <summary>The job is ready again; a step whose parents run again as well waits for them.</summary>
    Retried,

    /// <summary>The job is not failed or cancelled.</summary>
    NotRetryable,

    /// <summary>Another job holds its unique key.</summary>
    Conflict,

    /// <summary>No such job or workflow.</summary>
    NotFound,

    /// <summary>Undo steps of its workflow have started already: running it again would do what was undone. With force they stay as they
    /// are.</summary>
    Compensated,
}
