using Simmer.Storage;

namespace Simmer.Sqlite;

/// <summary>The state of the claims of one flush: the worker, the rows that are left alone, and the results so far.</summary>
/// <param name="Worker">The worker that claims.</param>
/// <param name="UnknownKinds">The numbers of the kinds that it leaves alone, as a JSON array; null: it knows all.</param>
/// <param name="Now">The present time.</param>
/// <param name="Careful">Whether each job is claimed behind a savepoint of its own.</param>
internal sealed record ClaimBatch(long Worker, string? UnknownKinds, DateTimeOffset Now, bool Careful)
{
    public long At { get; } = DbTime.Of(Now);

    /// <summary>The numbers of the rows that are left alone, as a JSON array; null: none.</summary>
    public string? Avoided { get; set; }

    /// <summary>How many suspects may still be taken.</summary>
    public SuspectRoom Room { get; set; }

    /// <summary>What was claimed.</summary>
    public required List<JobClaim> Claims { get; init; }

    /// <summary>The jobs that were met after their time to start was over.</summary>
    public List<JobId> Expired { get; } = [];

    /// <summary>The jobs that were put off because they cannot be read or claimed.</summary>
    public List<SetAsideJob> Aside { get; } = [];
}
