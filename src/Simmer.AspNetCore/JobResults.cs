namespace Simmer;

/// <summary>Answers for endpoints that enqueue.</summary>
public static class JobResults
{
    /// <summary>Answers 202 Accepted, with the URL of the job as <c>Location</c> and a body with its id, state and links.</summary>
    /// <remarks>A client that sends <c>Prefer: wait=10</c> (RFC 7240, at most 30 seconds) is answered 200 with the result if the job ends
    /// in time. A job that failed within the wait is answered 200 too, with its state and a problem object: the request itself succeeded.
    /// <para>For a duplicate the answer says <c>duplicate: true</c>. If it was found by its <see cref="EnqueueOptions.UniqueKey"/>, it may
    /// be another user's job, so its place is told only where it is decided who may see it
    /// (see <see cref="JobsEndpointOptions.AllowGuessableIds"/>).</para></remarks>
    /// <param name="handle">The enqueued job.</param>
    /// <param name="name">The <see cref="JobsEndpointOptions.Name"/> of the <c>MapJobs</c> to point to; <see langword="null"/>: the only
    /// one, or the one without a name.</param>
    /// <returns>The answer.</returns>
    public static AcceptedJob Accepted(JobHandle handle, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(handle);
        return new AcceptedJob(handle, name);
    }

    /// <summary>Answers 202 Accepted, with the URL of the workflow as <c>Location</c> and a body with its id, state and links.</summary>
    /// <remarks>A client that sends <c>Prefer: wait=10</c> (RFC 7240, at most 30 seconds) is answered 200 with the state in which the
    /// workflow ended, if it ends in time, and with the result of a chain whose last job gives one. A workflow that
    /// failed within the wait is answered 200 too: the request itself succeeded. The steps are left out; the link to its status leads to
    /// them.</remarks>
    /// <param name="handle">The enqueued workflow.</param>
    /// <param name="name">The <see cref="JobsEndpointOptions.Name"/> of the <c>MapJobs</c> to point to; <see langword="null"/>: the only
    /// one, or the one without a name.</param>
    /// <returns>The answer.</returns>
    public static AcceptedWorkflow Accepted(WorkflowHandle handle, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(handle);
        return new AcceptedWorkflow(handle, name);
    }
}
