namespace Simmer.Storage.Decisions;

/// <summary>Whether a job that ends is kept, and until when. A step is kept until its workflow goes, because its children read how it
/// ended; retention applies to workflows, not to their steps.</summary>
internal static class KeepDecision
{
    /// <summary>Whether anything of a job that ends is kept.</summary>
    /// <param name="isStep">Whether it is a step.</param>
    /// <param name="keepFor">For how long it is to be kept.</param>
    /// <returns>Whether it is.</returns>
    public static bool IsKept(bool isStep, TimeSpan keepFor) => isStep || keepFor > TimeSpan.Zero;

    /// <summary>How long a job is kept that ends as cancelled without the end of a run: it expired, was cancelled by hand, or came back
    /// from its worker after its cancel was asked for. Whoever ends a run says how long (<see cref="Settlement.KeepFor"/>,
    /// <see cref="Settlement.KeepCancelledFor"/>).</summary>
    /// <param name="keepFailed"><see cref="QueuePolicy.KeepFailed"/> of its queue in ticks; <see langword="null"/>: nobody has declared
    /// the queue.</param>
    /// <returns>The time.</returns>
    public static TimeSpan OfCancelled(long? keepFailed) =>
        keepFailed is { } ticks ? TimeSpan.FromTicks(ticks) : StoreRules.KeptByDefault;

    /// <summary>Until when it is kept.</summary>
    /// <param name="isStep">Whether it is a step.</param>
    /// <param name="keepFor">For how long it is to be kept.</param>
    /// <param name="now">The present time.</param>
    /// <returns>The time; of a step the last one that there is.</returns>
    public static DateTimeOffset Until(bool isStep, TimeSpan keepFor, DateTimeOffset now) =>
        isStep ? DateTimeOffset.MaxValue : StoreRules.KeepUntil(now, keepFor);
}
