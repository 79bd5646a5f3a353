namespace Simmer.Storage.Decisions;

/// <summary>What becomes of a job whose run is over: what the store writes. The decisions about settlements, give-backs and rescues all
/// answer with it, so that one place of a store ends every run.</summary>
internal readonly record struct RunOutcome
{
    /// <summary>The state the job goes to: a final one, <see cref="JobState.Scheduled"/> or <see cref="JobState.Ready"/>.</summary>
    public required JobState State { get; init; }

    /// <summary>How many of its runs do not count as attempts from now on.</summary>
    public required int Forgiven { get; init; }

    /// <summary>Its level as a suspect from now on; 0: it is none.</summary>
    public int Suspicion { get; init; }

    /// <summary>Whether the error that goes with the end of the run is added to the job's errors. Not to a job of which nothing is
    /// kept.</summary>
    public bool AddsError { get; init; }

    /// <summary>How long the job is kept if it ends; zero or less: not at all. A step is kept as long as its workflow.</summary>
    public TimeSpan KeepFor { get; init; }

    /// <summary>Why the job ends, for people.</summary>
    public string? Reason { get; init; }

    /// <summary>Whether the result is kept.</summary>
    public bool KeepsResult { get; init; }

    /// <summary>The branch that the step took.</summary>
    public string? Branch { get; init; }

    /// <summary>Whether the job ends.</summary>
    public bool Ends => State.IsFinal();
}
