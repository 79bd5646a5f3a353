namespace Simmer.Storage.InMemory;

/// <summary>The orders in which rows are kept; the sequence makes each of them total.</summary>
internal static class RowOrders
{
    public static readonly Comparer<JobRow> BySequence = Comparer<JobRow>.Create(static (a, b) => a.Sequence.CompareTo(b.Sequence));

    public static readonly Comparer<JobRow> ByDueTime = Comparer<JobRow>.Create(static (a, b) =>
        a.DueAt.CompareTo(b.DueAt) is var order and not 0 ? order : a.Sequence.CompareTo(b.Sequence));

    public static readonly Comparer<JobRow> ByExpiry = Comparer<JobRow>.Create(static (a, b) =>
        Nullable.Compare(a.Job.ExpiresFrom(a.EnqueuedAt), b.Job.ExpiresFrom(b.EnqueuedAt)) is var order and not 0
            ? order
            : a.Sequence.CompareTo(b.Sequence));
}
