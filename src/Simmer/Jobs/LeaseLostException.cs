namespace Simmer;

/// <summary>Thrown when a run completes a job that it does not have any more: the job was rescued meanwhile, or has ended.</summary>
/// <remarks>Do not catch it: the run then ends without spending an attempt, and the worker that has the job does the work.</remarks>
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
