namespace Simmer.Storage.Decisions;

/// <summary>What becomes of a job whose worker died while it ran the job. We cannot tell which job killed the worker, so the job becomes a
/// suspect, or one of a higher level, and its attempt is forgiven. Only if its level had allowed no other suspect beside it does the death
/// cost an attempt. Whether it ends as poison is decided when it is claimed next, never here. A job whose cancel was requested
/// ends.</summary>
internal static class RescueDecision
{
    /// <summary>Decides.</summary>
    /// <param name="row">The job, still running under the dead worker.</param>
    /// <param name="slots">How many jobs the dead worker ran at once; <see langword="null"/>: not known any more.</param>
    /// <param name="keepCancelledFor">How long it is kept if it ends here.</param>
    /// <returns>What is to be written; the error is that of <see cref="Error"/>.</returns>
    public static RunOutcome For(in RunningRow row, int? slots, TimeSpan keepCancelledFor)
    {
        if (row.CancelRequested)
        {
            return new RunOutcome
            {
                State = JobState.Cancelled,
                Forgiven = row.Forgiven,
                AddsError = KeepDecision.IsKept(row.IsStep, keepCancelledFor),
                KeepFor = keepCancelledFor,
                Reason = row.CancelReason,
            };
        }

        var (level, spends) = SuspectRoom.AfterDeath(row.Suspicion, slots);
        return new RunOutcome
        {
            State = JobState.Ready,
            Forgiven = row.Forgiven + (spends ? 0 : 1),
            Suspicion = level,
            AddsError = true,
        };
    }

    /// <summary>The error that records the death of the worker.</summary>
    /// <param name="row">The job, as it was before.</param>
    /// <param name="now">The present time.</param>
    /// <returns>The error.</returns>
    public static AttemptError Error(in RunningRow row, DateTimeOffset now) => new(row.Run, row.Run - row.Forgiven, now,
        ErrorTypes.LeaseLost, "The worker stopped renewing its lease while the job ran.");
}
