using System.Diagnostics.CodeAnalysis;

namespace Simmer.Storage;

/// <summary>The jobs that a worker owns by what the store says.</summary>
/// <param name="Claims">The jobs whose rows can be read.</param>
/// <param name="Unreadable">The leases of the others. The worker may be running such a job since before its row was damaged.</param>
[Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
public sealed record OwnedJobs(IReadOnlyList<JobClaim> Claims, IReadOnlyList<LeaseToken> Unreadable)
{
    /// <summary>A worker that owns none.</summary>
    public static OwnedJobs None { get; } = new([], []);

    /// <summary>Whether the worker owns no job.</summary>
    public bool IsEmpty => Claims.Count + Unreadable.Count == 0;

    /// <summary>Some of them.</summary>
    /// <param name="which">Which.</param>
    /// <returns>Those.</returns>
    public OwnedJobs Where(Predicate<LeaseToken> which) =>
        new([.. Claims.Where(claim => which(claim.Token))], [.. Unreadable.Where(token => which(token))]);

    /// <summary>Whether this lease is among them.</summary>
    /// <param name="token">The lease.</param>
    /// <returns>Whether it is.</returns>
    public bool Holds(LeaseToken token) => Claims.Any(claim => claim.Token == token) || Unreadable.Contains(token);
}
