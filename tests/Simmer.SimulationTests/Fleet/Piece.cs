namespace Simmer.SimulationTests.Fleet;

/// <summary>The durable kind of job; what a run of it does stands in the script of its story.</summary>
public sealed record Piece(int Number) : IJob;

/// <summary>The kind that lives in the memory of its process: lost when that dies, spilled into the store when it leaves.</summary>
public sealed record Note(int Number) : IJob;

/// <summary>What one run of a job does.</summary>
internal enum Act
{
    SucceedAtOnce,
    Succeed,
    ThrowAtOnce,
    Throw,
    Retry,
    Snooze,
    Fail,
    Cancel,

    /// <summary>Runs longer than its time limit, and obeys its token.</summary>
    Overrun,

    /// <summary>Runs long, reports progress, and obeys its token.</summary>
    Long,

    /// <summary>Runs long and ignores its token.</summary>
    Ignore,

    /// <summary>Takes its whole process with it.</summary>
    Kill,
}
