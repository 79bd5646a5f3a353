namespace Simmer.Storage;

/// <summary>Limits what is sent to a database at once, so that a flush is short for the callers that wait behind it and for the
/// lease.</summary>
internal static class BatchLimits
{
    /// <summary>The most operations of a flush. A call of more jobs goes alone.</summary>
    public const int Operations = 1_000;

    /// <summary>The most bytes of a flush. An operation that has more by itself goes alone.</summary>
    public const long Bytes = 4 * 1024 * 1024;

    /// <summary>The most jobs that one call stores. They are stored all or none, in one transaction, and no other caller is served
    /// meanwhile.</summary>
    public const int CallJobs = 100_000;

    /// <summary>The most bytes of one call of several jobs.</summary>
    public const long CallBytes = 64 * 1024 * 1024;

    /// <summary>The bytes that a row takes beside its payload.</summary>
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
    /// <param name="wayOut">The way out, for the message.</param>
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
