namespace Simmer;

/// <summary>The one place that knows which moves between states are legal.</summary>
public static class JobTransitions
{
    /// <summary>The states that can follow a state, by its number.</summary>
    private static readonly JobState[][] s_next = Numbered(new()
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
    });

    // A bit a state: the store in memory asks at every move of every job.
    private static readonly int[] s_legal = Array.ConvertAll(s_next, static next => next.Aggregate(0, static (bits, to) => bits | Bit(to)));

    /// <summary>Whether a job may go from one state to another in one step.</summary>
    /// <param name="from">The state it is in; <see cref="JobState.Unknown"/>: it is about to be stored.</param>
    /// <param name="to">The state it would be in.</param>
    /// <returns>Whether the move is legal.</returns>
    public static bool IsLegal(JobState from, JobState to) => IsKnown(from) && IsKnown(to) && (s_legal[(int)from] & Bit(to)) != 0;

    /// <summary>The states that can follow a state.</summary>
    /// <param name="from">The state it is in.</param>
    /// <returns>The legal next states.</returns>
    public static IReadOnlyList<JobState> From(JobState from) => IsKnown(from) ? s_next[(int)from] : [];

    /// <summary>Whether a state is an end: nothing but an operator's retry leaves it.</summary>
    /// <param name="state">The state.</param>
    /// <returns>Whether the job has finished.</returns>
    public static bool IsFinal(this JobState state) =>
        state is JobState.Succeeded or JobState.Failed or JobState.Cancelled or JobState.Skipped;

    /// <summary>Whether an operator may retry a job in this state.</summary>
    /// <param name="state">The state.</param>
    /// <returns>True for <see cref="JobState.Failed"/> and <see cref="JobState.Cancelled"/>.</returns>
    public static bool CanRetry(this JobState state) => state is JobState.Failed or JobState.Cancelled;

    private static bool IsKnown(JobState state) => (uint)state < (uint)s_next.Length;

    private static int Bit(JobState state) => 1 << (int)state;

    private static JobState[][] Numbered(Dictionary<JobState, JobState[]> next)
    {
        var numbered = new JobState[next.Count][];
        foreach (var (from, to) in next)
        {
            numbered[(int)from] = to;
        }

        return numbered;
    }
}
