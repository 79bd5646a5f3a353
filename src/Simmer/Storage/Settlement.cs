namespace Simmer.Storage;

/// <summary>What the store does about an attempt that ended. Immutable.</summary>
public sealed class Settlement
{
    // Boxed: few settlements carry any, and it would be a quarter of all of them.
    private readonly object? _progress;

    /// <summary>The lease; a settlement under another is lost.</summary>
    public required LeaseToken Token { get; init; }

    /// <summary>The state the job goes to: a final one, <see cref="JobState.Scheduled"/> (with <see cref="DueAt"/>) or <see cref="JobState.Ready"/>.
    /// A requested cancel turns the last two into <see cref="JobState.Cancelled"/>; a success that arrived wins.</summary>
    public required JobState State { get; init; }

    /// <summary>When to go on.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>The run does not count as an attempt.</summary>
    public bool Forgive { get; init; }

    /// <summary>The result as JSON in UTF-8.</summary>
    public ReadOnlyMemory<byte>? Result { get; init; }

    /// <summary>The result itself, for a job in memory.</summary>
    public object? ResultItem { get; init; }

    /// <summary>What is added to the error history.</summary>
    public AttemptError? Error { get; init; }

    /// <summary>Why, for people.</summary>
    public string? Reason { get; init; }

    /// <summary>The last progress that was reported and not stored yet.</summary>
    public ProgressNote? Progress
    {
        get => (ProgressNote?)_progress;
        init => _progress = value;
    }

    /// <summary>When the run began.</summary>
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>How long the finished job is kept; zero: not at all.</summary>
    public TimeSpan KeepFor { get; init; }

    /// <summary>How long it is kept if a requested cancel makes it end here.</summary>
    public TimeSpan KeepCancelledFor { get; init; }
}
