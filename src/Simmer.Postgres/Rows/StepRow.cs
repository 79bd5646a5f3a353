using Simmer.Storage;

namespace Simmer.Postgres;

/// <summary>A step as this transaction sees it.</summary>
internal sealed class StepRow
{
    public required JobId Id { get; init; }

    public required StepDraft Step { get; init; }

    public required JobState State { get; set; }

    public required StepTally Tally { get; set; }

    /// <summary>The queue's number; 0: not known, its row is in the history.</summary>
    public int Queue { get; init; }

    public int Rank { get; init; }

    public long Seq { get; init; }

    public string? Branch { get; init; }

    public bool IsEnded { get; set; }

    /// <summary>Its tally is to be written.</summary>
    public bool IsDirty { get; set; }

    /// <summary>Its row is to be taken out of the history.</summary>
    public bool IsReopened { get; set; }

    /// <summary>It is to become ready, or scheduled.</summary>
    public bool IsReleased { get; set; }

    /// <summary>An operator wants it now.</summary>
    public bool IgnoresDelay { get; set; }

    /// <summary>Its row is to be moved to the history.</summary>
    public bool IsSkipped { get; set; }

    /// <summary>It may run; whether it is ready or scheduled is decided when it is written.</summary>
    public void Release() => (State, IsReleased) = (JobState.Ready, true);

    public void Skip() => (State, IsEnded, IsSkipped) = (JobState.Skipped, true, true);

    /// <summary>It waits again.</summary>
    public void Reopen()
    {
        if (IsSkipped)
        {
            // Skipped and opened again in one transaction: its row has not moved yet.
            IsSkipped = false;
        }
        else
        {
            IsReopened = true;
        }

        (State, IsEnded, IsDirty) = (JobState.Waiting, false, true);
    }

    public static StepRow Of(EndedStep step) =>
        new() { Id = step.Id, Step = step.Step, State = step.State, Tally = step.Tally, Branch = step.Branch, IsEnded = true };
}
