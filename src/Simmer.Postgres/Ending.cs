using Simmer.Storage;

namespace Simmer.Postgres;

/// <summary>How a job ends.</summary>
internal sealed record Ending(JobId Id, JobState State, TimeSpan KeepFor)
{
    /// <summary>The run that ends; only where the lease is yet to be proven.</summary>
    public int Run { get; init; }

    public string? Reason { get; init; }

    public int? Forgiven { get; init; }

    public int? Errors { get; init; }

    public DateTimeOffset StartedAt { get; init; }

    public ProgressNote? Progress { get; init; }

    public ReadOnlyMemory<byte>? Result { get; init; }

    /// <summary>What makes the job a step.</summary>
    public StepDraft? Step { get; init; }

    public string? Branch { get; init; }

    public int FirstAdded { get; init; }

    public int Added { get; init; }

    /// <summary>A step is kept until its workflow goes: its children read it.</summary>
    public bool IsKept => Step is not null || KeepFor > TimeSpan.Zero;

    public long? KeepUntil(DateTimeOffset now) =>
        !IsKept ? null : DbTime.Of(Step is not null ? DateTimeOffset.MaxValue : StoreRules.KeepUntil(now, KeepFor));
}
