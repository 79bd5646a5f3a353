namespace Peers.Running;

/// <summary>The commands that the process of a peer understands.</summary>
internal static class Commands
{
    /// <summary>Connect as a client; make the tables.</summary>
    public const string Prepare = "prepare";

    /// <summary>SECONDS CALLERS: each caller enqueues its next job when the last is acknowledged.</summary>
    public const string Single = "single";

    /// <summary>JOBS SIZE CALLERS: calls that enqueue SIZE jobs each, until there are JOBS, which SIZE divides.</summary>
    public const string Bulk = "bulk";

    /// <summary>JOBS SHORTEST LONGEST: one timed job and then nothing for so many milliseconds, so that each meets an idle
    /// system.</summary>
    public const string Rare = "rare";

    /// <summary>[WARM-UP JOBS]: start the worker; the clock runs from the job of the first number until so many more have run.</summary>
    public const string Work = "work";

    /// <summary>JOBS: how long the last timed jobs took from the call that enqueued each to the first line of its handler, once there are
    /// so many.</summary>
    public const string Starts = "starts";
}
