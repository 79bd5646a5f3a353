using Simmer.Storage;

namespace Simmer;

/// <summary>Thrown to a caller that waits for a job which did not succeed.</summary>
public sealed class JobFailedException : Exception
{
    private JobFailedException(string message, JobId id, JobRecord? job)
        : base(message) => (Id, Job) = (id, job);

    /// <summary>The job's id.</summary>
    public JobId Id { get; }

    /// <summary>Its final snapshot; <see langword="null"/> when it is not known (any more).</summary>
    public JobRecord? Job { get; }

    /// <summary>The end of a job that was waited for.</summary>
    /// <param name="id">The job.</param>
    /// <param name="job">Its last snapshot; <see langword="null"/>: the store knows nothing of it.</param>
    /// <param name="wasStored">Whether it was stored; if so, it has finished.</param>
    /// <returns>Its final snapshot; <see langword="null"/>: it has finished, and how is not known.</returns>
    internal static JobRecord? ThrowUnlessSucceeded(JobId id, JobRecord? job, bool wasStored) => job switch
    {
        { State: JobState.Succeeded } => job,
        { State: JobState.Unknown } => null,
        null when wasStored => null,
        null => throw new JobFailedException(
            $"Job {id} is not known: it was never stored (perhaps the transaction that it was given to was not committed), it has "
                + "finished and is not kept any more, or it lives in the memory of another process.", id, null),
        _ => throw new JobFailedException($"Job {id} ({job.Kind}) ended {job.State}{Because(job)}.", id, job),
    };

    /// <summary>The exception for a caller that needs a result which is not there any more.</summary>
    internal static JobFailedException NotKept(JobId id, JobRecord? job) => new(
        $"The result of job {id} is not known: {StoreRules.NotKeptReason}. A result is kept for at least 10 minutes; KeepSucceeded of "
            + "its queue keeps it longer.", id, job);

    /// <summary>Why a job ended as it did: the reason, and the last error if the reason says less.</summary>
    internal static string Because(JobRecord job) => (job.Reason, job.Errors) switch
    {
        ({ } reason, [.., var last]) when job.State == JobState.Failed && last.Message != reason =>
            $": {reason}: {last.Type}: {last.Message}",
        ({ } reason, _) => $": {reason}",
        (null, [.., var last]) => $": {last.Type}: {last.Message}",
        _ => string.Empty,
    };
}
