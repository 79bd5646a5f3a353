using Simmer.Storage;

namespace Simmer.Sqlite;

/// <summary>A row of the job table as claims and adoptions read it.</summary>
internal readonly record struct ClaimRow(long Seq, int Run, int Forgiven, DateTimeOffset EnqueuedAt, int Suspicion, bool CancelRequested,
    JobDraft Draft)
{
    /// <summary>Why the row cannot be read; null: it can. Where it cannot, only its number and id are right.</summary>
    public string? Unreadable { get; init; }

    public JobId Id => Draft.Id;

    /// <summary>Whether its time to start is over. Once an attempt counts, the job goes on to its end.</summary>
    public bool IsExpired(long at) => Run == Forgiven && DbTime.Of(Draft.ExpiresAt) <= at;
}
