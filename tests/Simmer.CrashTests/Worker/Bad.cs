namespace Simmer.CrashTests.Worker;

/// <summary>Something that no handler should do.</summary>
/// <param name="How">What it does.</param>
/// <param name="Milliseconds">For how long, where it goes on for a while.</param>
[Job("bad", Queue = "bad", MaxAttempts = 1)]
public sealed record Bad(BadHow How, int Milliseconds = 0) : IJob;

/// <summary>What a bad handler does.</summary>
public enum BadHow
{
    /// <summary>Kills its process.</summary>
    Kill,

    /// <summary>Ends its process through the runtime.</summary>
    FailFast,

    /// <summary>Starts a thread that throws, which ends the process as well.</summary>
    ThrowOnThread,

    /// <summary>Blocks its thread.</summary>
    Block,

    /// <summary>In its first run it ignores its token and works on.</summary>
    IgnoreToken,

    /// <summary>In its first run it works until it is told to stop.</summary>
    WorkLong,

    /// <summary>Takes 1 GB of memory and writes to all of it.</summary>
    Allocate,

    /// <summary>Does nothing bad: it runs until the test lets it end (<see cref="BadHandler.Go"/>).</summary>
    UntilTold,

    /// <summary>Blocks its thread until the test lets it end.</summary>
    BlockUntilTold,

    /// <summary>Not bad: ends when as many of these run at once as the queue has slots.</summary>
    Together,
}
