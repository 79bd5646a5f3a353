namespace Simmer.Storage.Decisions;

/// <summary>What a store has found under the id of a job.</summary>
/// <param name="State">The job's state; <see cref="JobState.Unknown"/>: there is nothing.</param>
/// <param name="Run">The number of its run; not needed for a job that has ended.</param>
/// <param name="Owner">The worker that runs it; default: nobody.</param>
internal readonly record struct FoundJob(JobState State, int Run = 0, WorkerId Owner = default)
{
    /// <summary>Whether a worker runs it, in this very run.</summary>
    /// <param name="worker">The worker; default: none, because it is gone.</param>
    /// <param name="run">The run.</param>
    /// <returns>Whether that lease holds.</returns>
    public bool IsHeldBy(WorkerId worker, int run) => worker.Value > 0 && Owner == worker && Run == run;
}
