namespace Simmer;

/// <summary>Where a job is in its life. <see cref="JobTransitions"/> knows the legal moves.</summary>
public enum JobState
{
    /// <summary>Not known (any more): the job was pruned, or never existed here.</summary>
    Unknown = 0,

    /// <summary>A step that waits for its parents.</summary>
    Waiting = 1,

    /// <summary>Waits for a time to come: after a delay, before a retry, during a snooze.</summary>
    Scheduled = 2,

    /// <summary>May be claimed.</summary>
    Ready = 3,

    /// <summary>Claimed by a worker.</summary>
    Running = 4,

    /// <summary>Ended well.</summary>
    Succeeded = 5,

    /// <summary>Attempts exhausted, or told to give up: a dead letter.</summary>
    Failed = 6,

    /// <summary>Cancelled, or expired before it started.</summary>
    Cancelled = 7,

    /// <summary>A step that does not run, because its rule did not hold when its parents had ended.</summary>
    Skipped = 8,
}
