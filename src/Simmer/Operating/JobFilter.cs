namespace Simmer;

/// <summary>Which jobs an operator means: those that meet all that is set. An empty filter means all.</summary>
public sealed record JobFilter
{
    /// <summary>Only this queue; case does not matter.</summary>
    public string? Queue { get; init; }

    /// <summary>Only this kind.</summary>
    public string? Kind { get; init; }

    /// <summary>Only this state.</summary>
    public JobState? State { get; init; }

    /// <summary>Only jobs with this tag.</summary>
    public string? Tag { get; init; }

    /// <summary>Only jobs that were enqueued at this time or later.</summary>
    public DateTimeOffset? EnqueuedAfter { get; init; }

    /// <summary>Only jobs that were enqueued before this time.</summary>
    public DateTimeOffset? EnqueuedBefore { get; init; }

    /// <summary>Only one of the two stores: the database, or this process's memory.</summary>
    /// <value>Default: <see cref="Durability.Auto"/>, both.</value>
    public Durability Durability { get; init; }
}
