using Simmer.Storage;
using Simmer.Storage.Decisions;

namespace Simmer.Postgres;

/// <summary>How a job ends.</summary>
internal sealed record Ending(JobId Id, JobState State, TimeSpan KeepFor)
{
    /// <summary>The run that ends; only where the lease is yet to be proven.</summary>
    public int Run { get; init; }

    public string? Reason { get; init; }

    /// <summary>How many runs do not count as attempts; null: as the row says.</summary>
    public int? Forgiven { get; init; }

    /// <summary>How many errors the job has; null: as the row says.</summary>
    public int? Errors { get; init; }

    /// <summary>When the run started; default: as the row says.</summary>
    public DateTimeOffset StartedAt { get; init; }

    public ProgressNote? Progress { get; init; }

    public ReadOnlyMemory<byte>? Result { get; init; }

    /// <summary>What makes the job a step; null: it is none.</summary>
    public StepDraft? Step { get; init; }

    public string? Branch { get; init; }

    /// <summary>The number of the first step that the job has added.</summary>
    public int FirstAdded { get; init; }

    /// <summary>How many steps it has added.</summary>
    public int Added { get; init; }

    public bool IsKept => KeepDecision.IsKept(Step is not null, KeepFor);

    /// <summary>Until when the job is kept, as the database has times; null: it is not kept.</summary>
    public long? KeepUntil(DateTimeOffset now) => IsKept ? DbTime.Of(KeepDecision.Until(Step is not null, KeepFor, now)) : null;
}
