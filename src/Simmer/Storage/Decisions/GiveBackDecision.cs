namespace Simmer.Storage.Decisions;

/// <summary>What becomes of a job that its worker gives back without having started it, or that a shutdown interrupted. Its attempt is
/// forgiven. A job whose cancel was requested ends in place of starting again.</summary>
internal static class GiveBackDecision
{
    /// <summary>Decides.</summary>
    /// <param name="row">The job, which runs under the lease that is given back.</param>
    /// <param name="keepCancelledFor">How long it is kept if it ends here.</param>
    /// <returns>Ready again, with the suspicion it had, because nothing more is known about it; or cancelled.</returns>
    public static RunOutcome For(in RunningRow row, TimeSpan keepCancelledFor) => row.CancelRequested
        ? new RunOutcome
        {
            State = JobState.Cancelled,
            Forgiven = row.Forgiven + 1,
            KeepFor = keepCancelledFor,
            Reason = row.CancelReason,
        }
        : new RunOutcome { State = JobState.Ready, Forgiven = row.Forgiven + 1, Suspicion = row.Suspicion };
}
