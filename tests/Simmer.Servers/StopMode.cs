namespace Simmer.Servers;

/// <summary>How a PostgreSQL server ends.</summary>
public enum StopMode
{
    /// <summary>It waits for its clients to leave.</summary>
    Smart,

    /// <summary>Its clients are disconnected, their transactions rolled back.</summary>
    Fast,

    /// <summary>Its processes end at once; the next start recovers from the log.</summary>
    Immediate,

    /// <summary>SIGKILL to every process of it, as when the machine fails.</summary>
    Kill,
}
