namespace Simmer;

/// <summary>The thresholds of Simmer's health check.</summary>
public sealed class SimmerHealthOptions
{
    /// <summary>The check is degraded when a job has been ready for longer than this without a worker taking it.</summary>
    /// <value>Default: 5 minutes; more than zero, <see cref="TimeSpan.MaxValue"/> for never.</value>
    public TimeSpan DegradedAfter { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Only these queues count for <see cref="DegradedAfter"/>; empty: all that are not paused.</summary>
    /// <value>Default: empty.</value>
    public IList<string> Queues { get; } = [];
}
