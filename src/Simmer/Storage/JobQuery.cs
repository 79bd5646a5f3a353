using System.Diagnostics.CodeAnalysis;

namespace Simmer.Storage;

/// <summary>Which jobs to list. What is not set does not restrict the list.</summary>
[Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
public sealed record JobQuery
{
    /// <summary>Only this queue.</summary>
    public string? Queue { get; init; }

    /// <summary>Only this kind.</summary>
    public string? Kind { get; init; }

    /// <summary>Only this state.</summary>
    public JobState? State
    {
        get => States is [var one] ? one : null;
        init => States = value is { } one ? [one] : [];
    }

    /// <summary>Only these states; empty: any.</summary>
    public IReadOnlyList<JobState> States { get; init; } = [];

    /// <summary>Only jobs with this tag.</summary>
    public string? Tag { get; init; }

    /// <summary>Only jobs that were enqueued at this time or later.</summary>
    public DateTimeOffset? EnqueuedAfter { get; init; }

    /// <summary>Only jobs that were enqueued before this time.</summary>
    public DateTimeOffset? EnqueuedBefore { get; init; }

    /// <summary>Only jobs older than this one, for the next page.</summary>
    public JobId? Before { get; init; }

    /// <summary>How many at most, from 1 to 1,000.</summary>
    /// <value>Default: 100.</value>
    public int Limit { get; init; } = 100;
}
