namespace Simmer.Load.Measuring;

/// <summary>What can be measured, in the order of the columns: ratios first, because they hold on other machines as well.</summary>
internal enum Figure
{
    /// <summary>Against the plain way in the same run: in a database one transaction an operation, in memory a bounded channel with one
    /// task.</summary>
    TimesPlain,

    /// <summary>Against two columns in batches of 1,000, in the same run.</summary>
    ShareOfCeiling,

    /// <summary>Against local dispatch on the same server without an engine, in the same run.</summary>
    ShareOfBare,

    /// <summary>The share of the rate of as many independent jobs, enqueued in one call, in the same rounds.</summary>
    ShareOfIndependent,

    /// <summary>The same where each of those jobs is enqueued by a call of its own.</summary>
    ShareOfSingle,
    JobsPerSecond,

    /// <summary>Microseconds until an enqueue was acknowledged.</summary>
    EnqueueP50,
    EnqueueP99,

    /// <summary>Milliseconds until the one call was acknowledged that enqueues a whole workflow.</summary>
    CallMilliseconds,
    MicrosecondsPerStep,

    /// <summary>Microseconds to the first line of the handler: from the call that enqueues, or from the last line of the step
    /// before.</summary>
    StartP50,
    StartP99,

    /// <summary>Microseconds from the call that enqueues a chain until its caller, which waits, knows its end.</summary>
    ChainP50,
    ChainP99,
    BytesPerJob,
    CpuSecondsPerThousand,
    StatementsPerJob,
    CommitsPerThousand,

    /// <summary>Against the first of the lines that belong together.</summary>
    ShareOfFirst,

    /// <summary>Seconds after a failure until the first job.</summary>
    FirstSeconds,

    /// <summary>Seconds after a failure until all jobs, or all of the rate.</summary>
    AllSeconds,

    /// <summary>1 if the warning came that names the session which holds the snapshot.</summary>
    Warned,

    /// <summary>Of one core.</summary>
    CpuShare,

    /// <summary>Statements that read or write the database.</summary>
    StatementsPerMinute,

    /// <summary>Looks at <c>data_version</c>: memory shared with the other processes, no page of the database.</summary>
    LooksPerMinute,
    CommitsPerMinute,
    Connections,
    Descriptors,

    /// <summary>The fastest round against the slowest: how far to trust the line.</summary>
    Spread,
}
