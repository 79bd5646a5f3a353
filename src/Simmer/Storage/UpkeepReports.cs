using System.Diagnostics.CodeAnalysis;

namespace Simmer.Storage;

/// <summary>What a promotion did.</summary>
/// <param name="Count">How many jobs are ready now.</param>
/// <param name="Queues">Of which queues.</param>
/// <param name="NextDue">When the next scheduled job is due, by the caller's clock; in the past if the limit was reached.</param>
[Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
public sealed record PromoteReport(int Count, IReadOnlyList<string> Queues, DateTimeOffset? NextDue);

/// <summary>Which workers to declare dead.</summary>
/// <param name="Workers">Workers with the beat counter at which the observer saw them stand still for a lease.</param>
/// <param name="Lease">The lease of workers that did not say theirs (<see cref="WorkerInfo.Lease"/>): one whose last beat is younger than
/// its lease by the store's clock is left alone. <see cref="TimeSpan.Zero"/>: none is, whatever its lease.</param>
/// <param name="SweepOrphans">Whether to take jobs back whose owner no longer exists.</param>
[Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
public sealed record RescueRequest(IReadOnlyList<(WorkerId Worker, long Beats)> Workers, TimeSpan Lease, bool SweepOrphans);

/// <summary>What a rescue did.</summary>
/// <param name="Dead">The workers declared dead.</param>
/// <param name="Rescued">The jobs that are ready again.</param>
/// <param name="Cancelled">The jobs whose requested cancel was carried out.</param>
/// <param name="Queues">The queues that have ready jobs now because of it.</param>
/// <param name="Released">What followed from steps that were cancelled.</param>
[Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
public sealed record RescueReport(IReadOnlyList<WorkerId> Dead, IReadOnlyList<JobId> Rescued, IReadOnlyList<JobId> Cancelled,
    IReadOnlyList<string> Queues, ReleaseReport Released)
{
    /// <summary>Whether jobs of dead workers were left because another transaction has locked them. They have to be taken back
    /// soon.</summary>
    public bool HasLeft { get; init; }
}

/// <summary>What a pruning did.</summary>
/// <param name="Deleted">How many finished jobs were deleted.</param>
/// <param name="Expired">Waiting jobs that had expired, now cancelled.</param>
/// <param name="More">Whether the limit was reached.</param>
/// <param name="Released">What followed from steps that had expired.</param>
[Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
public sealed record PruneReport(int Deleted, IReadOnlyList<JobId> Expired, bool More, ReleaseReport Released);

/// <summary>What became of a cancel.</summary>
/// <param name="Result">The answer.</param>
/// <param name="Owner">The worker that runs the job, if it runs.</param>
/// <param name="Run">The run that was told to stop.</param>
[Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
public readonly record struct CancelReport(CancelResult Result, WorkerId Owner = default, int Run = 0)
{
    /// <summary>Why the database refused the cancel of this job. Nothing of the job was changed, the others of the call were cancelled, and
    /// <see cref="Result"/> is <see cref="CancelResult.NotFound"/>. <see langword="null"/>: it was not refused.</summary>
    public StoreException? Error { get; init; }

    /// <summary>Whether nothing is kept of a job that was cancelled at once: <see cref="QueuePolicy.KeepFailed"/> of its queue is
    /// zero.</summary>
    public bool IsForgotten { get; init; }
}
