namespace Simmer.Storage.Decisions;

/// <summary>What becomes of a step that hears from its parents.</summary>
internal enum StepMove : byte
{
    /// <summary>Only its tally changes.</summary>
    None,

    /// <summary>It may run: ready, or scheduled if it is to wait for a time (<see cref="StepDraft.DueAfter"/>).</summary>
    Released,

    /// <summary>It is skipped, and its children are told.</summary>
    Skipped,

    /// <summary>It was skipped and waits again: what it had told its children is taken back, as the end that it had by its tally before
    /// (<see cref="StepTally.SkippedEnd"/>).</summary>
    Reopened,

    /// <summary>It has ended: whether its end counts for its children <see cref="StepLedger.Heard"/> decides.</summary>
    Heard,
}
