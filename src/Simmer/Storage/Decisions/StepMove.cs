namespace Simmer.Storage.Decisions;

/// <summary>What becomes of a step when its parents report.</summary>
internal enum StepMove : byte
{
    /// <summary>Only its tally changes.</summary>
    None,

    /// <summary>It may run: ready, or scheduled if it is to wait for a time (<see cref="StepDraft.DueAfter"/>).</summary>
    Released,

    /// <summary>It is skipped, and reports that to its children.</summary>
    Skipped,

    /// <summary>It was skipped and waits again. What it had reported to its children is taken back, as the end that follows from its tally
    /// before (<see cref="StepTally.SkippedEnd"/>).</summary>
    Reopened,

    /// <summary>It has ended: whether its end counts for its children <see cref="StepLedger.Heard"/> decides.</summary>
    Heard,
}
