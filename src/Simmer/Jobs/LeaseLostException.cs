namespace Simmer;

/// <summary>A run was to complete its job and does not have it any more: the job was rescued meanwhile, or has ended.</summary>
/// <remarks>Let it pass: the run then ends without spending an attempt, and whoever has the job does the work.</remarks>
public sealed class LeaseLostException : Exception
{
    internal LeaseLostException(JobId id, string kind, int run, JobState state)
        : base($"Run {run} of job {id} ({kind}) has lost its lease: the job is "
            + $"{(state == JobState.Unknown ? "gone" : $"{state} by now")}. " +
               "The transaction was rolled back. Let this exception pass: whoever has the job does the work.") =>
        (Id, Run, State) = (id, run, state);

    /// <summary>The job's id.</summary>
    public JobId Id { get; }

    /// <summary>The run that came too late.</summary>
    public int Run { get; }

    /// <summary>The state the job is in now; <see cref="JobState.Unknown"/>: it is gone.</summary>
    public JobState State { get; }
}
