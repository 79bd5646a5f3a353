namespace Simmer;

/// <summary>A job that somebody waited for did not succeed.</summary>
public sealed class JobFailedException : Exception
{
    private JobFailedException(string message, JobId id, JobRecord? job)
        : base(message) => (Id, Job) = (id, job);

    /// <summary>The job's id.</summary>
    public JobId Id { get; }

    /// <summary>Its final snapshot; <see langword="null"/> when it is not known any more.</summary>
    public JobRecord? Job { get; }

    internal static JobRecord ThrowUnlessSucceeded(JobId id, JobRecord? job) => job switch
    {
        { State: JobState.Succeeded } => job,
        null => throw new JobFailedException(
            $"Job {id} is not known: it was pruned, never stored, or lives in the memory of another process. Results are kept for at least 10 minutes; KeepSucceeded of its queue keeps them longer.", id, null),
        _ => throw new JobFailedException(
            $"Job {id} ({job.Kind}) ended {job.State}{Because(job)}.", id, job),
    };

    /// <summary>Why a job ended as it did: the reason and, where that says less than what was thrown last, the error as well.</summary>
    internal static string Because(JobRecord job) => (job.Reason, job.Errors) switch
    {
        ({ } reason, [.., var last]) when job.State == JobState.Failed && last.Message != reason => $": {reason}: {last.Type}: {last.Message}",
        ({ } reason, _) => $": {reason}",
        (null, [.., var last]) => $": {last.Type}: {last.Message}",
        _ => string.Empty,
    };
}
