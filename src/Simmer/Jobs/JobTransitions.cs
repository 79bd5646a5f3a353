namespace Simmer;

/// <summary>The one place that knows which moves between states are legal.</summary>
public static class JobTransitions
{
    private static readonly Dictionary<JobState, JobState[]> s_legal = new()
    {
        [JobState.Unknown] = [JobState.Waiting, JobState.Scheduled, JobState.Ready, JobState.Running],
        [JobState.Waiting] = [JobState.Scheduled, JobState.Ready, JobState.Skipped, JobState.Cancelled],
        [JobState.Scheduled] = [JobState.Ready, JobState.Cancelled],
        [JobState.Ready] = [JobState.Running, JobState.Cancelled],
        [JobState.Running] = [JobState.Succeeded, JobState.Failed, JobState.Cancelled, JobState.Scheduled, JobState.Ready],
        [JobState.Succeeded] = [],
        [JobState.Failed] = [JobState.Ready, JobState.Waiting],
        [JobState.Cancelled] = [JobState.Ready, JobState.Waiting],
        [JobState.Skipped] = [JobState.Waiting],
    };

    /// <summary>Whether a job may go from one state to another in one step.</summary>
    /// <param name="from">The state it is in; <see cref="JobState.Unknown"/>: it is about to be stored.</param>
    /// <param name="to">The state it would be in.</param>
    /// <returns>Whether the move is legal.</returns>
    public static bool IsLegal(JobState from, JobState to) => s_legal.TryGetValue(from, out var to_) && Array.IndexOf(to_, to) >= 0;

    /// <summary>The states that can follow a state.</summary>
    /// <param name="from">The state it is in.</param>
    /// <returns>The legal next states.</returns>
    public static IReadOnlyList<JobState> From(JobState from) => s_legal.TryGetValue(from, out var to) ? to : [];

    /// <summary>Whether a state is an end: nothing but an operator's retry leaves it.</summary>
    /// <param name="state">The state.</param>
    /// <returns>Whether the job has finished.</returns>
    public static bool IsFinal(this JobState state) =>
        state is JobState.Succeeded or JobState.Failed or JobState.Cancelled or JobState.Skipped;

    /// <summary>Whether an operator may retry a job in this state.</summary>
    /// <param name="state">The state.</param>
    /// <returns>True for <see cref="JobState.Failed"/> and <see cref="JobState.Cancelled"/>.</returns>
    public static bool CanRetry(this JobState state) => state is JobState.Failed or JobState.Cancelled;
}
