namespace Simmer;

/// <summary>What became of an operator's retry.</summary>
/// <param name="Status">The answer.</param>
/// <param name="State">The state the job is in.</param>
/// <param name="Conflict">The job that holds its unique key, if that is why it was refused.</param>
/// <param name="Compensation">The undo step that has started, if that is why it was refused.</param>
public sealed record RetryResult(RetryStatus Status, JobState State, JobId? Conflict = null, string? Compensation = null)
{
    /// <summary>In the answer of a store: why the database refused to run this job again, or some steps of a workflow of which the others
    /// run again. <see cref="IJobClient"/> throws it. <see langword="null"/>: nothing was refused.</summary>
    public StoreException? Error { get; init; }
}
