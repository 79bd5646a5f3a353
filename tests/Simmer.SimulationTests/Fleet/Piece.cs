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

    /// <summary>Longer than its time limit, and stops when told.</summary>
    Overrun,

    /// <summary>Long, reporting progress, and stops when told.</summary>
    Long,

    /// <summary>Long, and does not stop when told.</summary>
    Ignore,

    /// <summary>Takes its whole process with it.</summary>
    Kill,
}
