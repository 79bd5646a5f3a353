namespace Simmer;

/// <summary>A snapshot of a job in the store. It is made for looking at and not for deciding: it may be out of date when it
/// arrives.</summary>
public sealed record JobRecord
{
    /// <summary>The id.</summary>
    public required JobId Id { get; init; }

    /// <summary>The stable name of its kind.</summary>
    public required string Kind { get; init; }

    /// <summary>Its queue.</summary>
    public required string Queue { get; init; }

    /// <summary>Where it is in its life.</summary>
    public required JobState State { get; init; }

    /// <summary>Rises with every visible change of the job; live events carry it as their id.</summary>
    public long Version { get; init; }

    /// <summary>Higher runs first.</summary>
    public int Priority { get; init; }

    /// <summary>How often it was claimed.</summary>
    public int Run { get; init; }

    /// <summary>How many of its runs count against <see cref="MaxAttempts"/>.</summary>
    public int Attempt { get; init; }

    /// <summary>How many attempts count before it is <see cref="JobState.Failed"/>.</summary>
    public int MaxAttempts { get; init; }

    /// <summary>The time limit of one attempt, if one was given when it was enqueued; <see langword="null"/>: its kind's.</summary>
    public TimeSpan? TimeLimit { get; init; }

    /// <summary>When it was stored.</summary>
    public DateTimeOffset EnqueuedAt { get; init; }

    /// <summary>When it is due, while <see cref="JobState.Scheduled"/>.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>It is cancelled if it has not started by then.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>When its latest run was claimed.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>From 0 to 1, as its handler reported.</summary>
    public double? Progress { get; init; }

    /// <summary>What its handler says it is doing.</summary>
    public string? ProgressText { get; init; }

    /// <summary>Why it ended as it did; <see langword="null"/>: no reason was given.</summary>
    public string? Reason { get; init; }

    /// <summary>A cancel was asked for and its handler has not ended yet.</summary>
    public bool CancelRequested { get; init; }

    /// <summary>Its handler was told to stop and goes on.</summary>
    public bool Stuck { get; init; }

    /// <summary>Unique among unfinished (or waiting) jobs of its kind.</summary>
    public string? UniqueKey { get; init; }

    /// <summary>For how long it holds, or held, its <see cref="UniqueKey"/>.</summary>
    public UniqueWhile UniqueWhile { get; init; }

    /// <summary>Free labels for looking it up.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>The newest errors, oldest first.</summary>
    public IReadOnlyList<AttemptError> Errors { get; init; } = [];

    /// <summary>The stored record: JSON in UTF-8. Empty for jobs in memory, which keep the object.</summary>
    public ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>The stored result: JSON in UTF-8; <see langword="null"/> if there is none (yet, or any more).</summary>
    public ReadOnlyMemory<byte>? Result { get; init; }

    /// <summary>The result object of a job in memory.</summary>
    public object? ResultItem { get; init; }

    /// <summary>The worker that runs it.</summary>
    public string? Worker { get; init; }

    /// <summary>The workflow it is a step of.</summary>
    public WorkflowId? Workflow { get; init; }

    /// <summary>Its name in that workflow.</summary>
    public string? Step { get; init; }

    /// <summary>The W3C trace context of the code that enqueued it.</summary>
    public string? TraceParent { get; init; }

    /// <summary>The vendors' part of that context (W3C <c>tracestate</c>): its first 512 characters, in whole members.</summary>
    public string? TraceState { get; init; }
}
