namespace Simmer.Storage;

/// <summary>How much goes to a database at once, so that a flush is short for those who wait behind it and for the lease.</summary>
internal static class BatchLimits
{
    /// <summary>How many operations a flush has at most, but for a call of more jobs, which goes alone.</summary>
    public const int Operations = 1_000;

    /// <summary>How many bytes a flush has at most, but for an operation that has more by itself.</summary>
    public const long Bytes = 4 * 1024 * 1024;

    /// <summary>How many jobs one call stores at most: they are stored all or none, in one transaction, and nobody else is served
    /// meanwhile.</summary>
    public const int CallJobs = 100_000;

    /// <summary>How many bytes one call of several jobs has at most.</summary>
    public const long CallBytes = 64 * 1024 * 1024;

    /// <summary>What a row takes beside its record.</summary>
    private const int Row = 200;

    public static long BytesOf(JobDraft job) => Row + job.Payload.Length;

    public static long BytesOf(IReadOnlyList<JobDraft> jobs)
    {
        var bytes = 0L;
        for (var i = 0; i < jobs.Count; i++)
        {
            bytes += BytesOf(jobs[i]);
        }

        return bytes;
    }

    public static long BytesOf(Settlement settlement) =>
        Row + (settlement.Result?.Length ?? 0) + (settlement.Error is { } error ? error.Message.Length + (error.Detail?.Length ?? 0) : 0)
            + (settlement.Added is { } added ? BytesOf(added) : 0);

    /// <summary>Refuses what one transaction should not carry.</summary>
    /// <param name="jobs">The jobs of one call, or the steps of a workflow.</param>
    /// <param name="wayOut">What to do about it.</param>
    /// <exception cref="ArgumentException">They are too many, or too large together.</exception>
    public static void Check(IReadOnlyList<JobDraft> jobs, string wayOut)
    {
        if (jobs.Count > CallJobs)
        {
            throw new ArgumentException(
                $"The call has {jobs.Count:N0} jobs, which are stored all or none in one transaction; at most {CallJobs:N0} are allowed. "
                + $"{wayOut}", nameof(jobs));
        }

        if (jobs.Count > 1 && BytesOf(jobs) is var bytes && bytes > CallBytes)
        {
            throw new ArgumentException(
                $"The {jobs.Count:N0} jobs of the call take {bytes:N0} bytes together, and are stored all or none in one transaction; at "
                + $"most {CallBytes:N0} are allowed. {wayOut}", nameof(jobs));
        }
    }
}
