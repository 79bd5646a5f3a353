using Simmer.Storage;

namespace Simmer.Sqlite;

/// <summary>A step that a flush releases, and that may start in it.</summary>
/// <param name="Id">Its job.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Priority">Its priority.</param>
/// <param name="Seq">The number of its row; null: it is not stored yet, and comes after all that are.</param>
/// <param name="ExpiresAt">Until when it may start.</param>
internal sealed record StepStart(JobId Id, string Kind, int Priority, long? Seq, DateTimeOffset? ExpiresAt)
{
    public static readonly Comparison<StepStart> BestFirst = static (a, b) =>
        a.Priority != b.Priority ? b.Priority.CompareTo(a.Priority)
        : a.Seq != b.Seq ? (a.Seq ?? long.MaxValue).CompareTo(b.Seq ?? long.MaxValue)
        : a.Order.CompareTo(b.Order);

    /// <summary>How its parents stand.</summary>
    public StepTally Tally { get; init; }

    /// <summary>The whole row, if it was read.</summary>
    public ClaimRow? Row { get; init; }

    public int Order { get; set; }

    public bool IsStarted { get; set; }

    /// <summary>What the worker gets, once the step is written as started.</summary>
    public JobClaim? Claim { get; set; }

    public bool IsBefore((int Priority, long Seq)? best) =>
        best is not { } ready || Priority > ready.Priority || (Priority == ready.Priority && Seq < ready.Seq);
}
