using Simmer.Storage;
using Simmer.Storage.Decisions;

namespace Simmer.Sqlite;

/// <summary>How a job ends.</summary>
internal readonly record struct Ending(JobState State, TimeSpan KeepFor)
{
    public string? Reason { get; init; }

    /// <summary>How many runs do not count as attempts; null: as many as before.</summary>
    public int? Forgiven { get; init; }

    /// <summary>How many errors it has had; null: as many as before.</summary>
    public long? Errors { get; init; }

    public DateTimeOffset StartedAt { get; init; }

    public ProgressNote? Progress { get; init; }

    public ReadOnlyMemory<byte>? Result { get; init; }

    /// <summary>What makes the job a step: its children are told.</summary>
    public StepDraft? Step { get; init; }

    /// <summary>How its parents stand; only for a step that is skipped.</summary>
    public StepTally Tally { get; init; }

    public string? Branch { get; init; }

    /// <summary>The steps that it has added.</summary>
    public AddDecision Added { get; init; }

    public bool IsKept => KeepDecision.IsKept(Step is not null, KeepFor);

    public DateTimeOffset KeepUntil(DateTimeOffset now) => KeepDecision.Until(Step is not null, KeepFor, now);

    /// <summary>Tells its children.</summary>
    public void Tell(SqliteSession session)
    {
        if (Step is not null)
        {
            session.Steps.Ledger.Ended(Step.Workflow, Step.Next, StepLedger.EndOf(State, Tally), Branch);
        }
    }
}
