using System.Text.Json.Serialization;

namespace Simmer.AspNetCore.Views;

/// <summary>A job as clients see it; what is not known is left out.</summary>
internal sealed record JobView
{
    public required string Id { get; init; }

    public string? Kind { get; init; }

    [JsonConverter(typeof(JobStateConverter))]
    public required JobState State { get; init; }

    public long? Version { get; init; }

    public ProgressView? Progress { get; init; }

    public int? Attempt { get; init; }

    public int? MaxAttempts { get; init; }

    public DateTimeOffset? EnqueuedAt { get; init; }

    public DateTimeOffset? DueAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    public bool? CancelRequested { get; init; }

    public string? Reason { get; init; }

    /// <summary>Why it failed, was cancelled or was skipped.</summary>
    public ProblemView? Problem { get; init; }

    /// <summary>The result, if the client has waited for it.</summary>
    public RawJson? Result { get; init; }

    /// <summary>The workflow it is a step of.</summary>
    public string? Workflow { get; init; }

    /// <summary>Its name in that workflow.</summary>
    public string? Step { get; init; }

    /// <summary>Whether nothing was enqueued, because this job was there before.</summary>
    public bool? Duplicate { get; init; }

    public required LinksView Links { get; init; }
}

/// <summary>How far a job has come.</summary>
internal sealed record ProgressView(double? Fraction, string? Text);

/// <summary>A problem object (RFC 9457) inside the view of a job: the request itself has succeeded.</summary>
internal sealed record ProblemView(string Title, string? Detail, string? Error);

/// <summary>The links of a job.</summary>
internal sealed record LinksView(string Status, string Result, string Events, string Cancel)
{
    /// <summary>The status of the workflow it is a step of.</summary>
    public string? Workflow { get; init; }
}
