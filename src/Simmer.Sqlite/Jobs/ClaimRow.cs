using Simmer.Storage;

namespace Simmer.Sqlite;

/// <summary>A hot row as claims and adoptions read it.</summary>
internal readonly record struct ClaimRow(long Seq, int Run, int Forgiven, DateTimeOffset EnqueuedAt, int Suspicion, bool CancelRequested,
    JobDraft Draft)
{
    /// <summary>Why the row cannot be read; null: it can. Of one that cannot be, only its number counts.</summary>
    public string? Unreadable { get; init; }

    public JobId Id => Draft.Id;

    /// <summary>Only what has not started expires: once an attempt counts, the job goes on to its end.</summary>
    public bool IsExpired(long at) => Run == Forgiven && DbTime.Of(Draft.ExpiresAt) <= at;
}
