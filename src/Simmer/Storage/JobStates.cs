namespace Simmer.Storage;

/// <summary>The states of a job as the databases keep them: the one list of their numbers and of the sets of states that SQL asks
/// for.</summary>
/// <remarks>Texts, because SQL is put together from constants: <c>$"… WHERE state = {JobStates.Running}"</c>. A test compares them with
/// <see cref="JobState"/> and <see cref="JobTransitions"/>, so a set cannot drift away from the legal moves.</remarks>
internal static class JobStates
{
    /// <summary><see cref="JobState.Waiting"/>.</summary>
    public const string Waiting = "1";

    /// <summary><see cref="JobState.Scheduled"/>.</summary>
    public const string Scheduled = "2";

    /// <summary><see cref="JobState.Ready"/>, but for suspects.</summary>
    public const string Ready = "3";

    /// <summary><see cref="JobState.Running"/>.</summary>
    public const string Running = "4";

    /// <summary><see cref="JobState.Succeeded"/>.</summary>
    public const string Succeeded = "5";

    /// <summary><see cref="JobState.Failed"/>.</summary>
    public const string Failed = "6";

    /// <summary><see cref="JobState.Cancelled"/>.</summary>
    public const string Cancelled = "7";

    /// <summary><see cref="JobState.Skipped"/>.</summary>
    public const string Skipped = "8";

    /// <summary>A ready job that is a suspect: a worker died while it ran the job. It has a number of its own, so that the index of ready
    /// jobs does not lead to suspects, of which a worker may take few. Outside of the store it is
    /// <see cref="JobState.Ready"/>.</summary>
    public const string ReadySuspect = "9";

    /// <summary><see cref="ReadySuspect"/> as a number.</summary>
    public const int ReadySuspectNumber = 9;

    /// <summary>The states from which a claim starts a run, for <c>state IN …</c>.</summary>
    public const string Claimable = $"({Ready}, {ReadySuspect})";

    /// <summary>The states in which a job may reach the end of its time to start, for <c>state IN …</c>.</summary>
    public const string Expirable = $"({Scheduled}, {Ready}, {ReadySuspect})";

    /// <summary>The states from which an operator's retry may take a job that stands alone, for <c>state IN …</c>. They are also the ends
    /// that decide how a workflow ends: of two, the one with the lower number counts.</summary>
    public const string Retryable = $"({Failed}, {Cancelled})";

    /// <summary>The states of a job that has not started, for <c>state IN …</c>.</summary>
    public const string NotStarted = $"({Waiting}, {Scheduled}, {Ready}, {ReadySuspect})";

    /// <summary>The states of jobs that have not ended, for <c>state IN …</c>.</summary>
    public const string Unfinished = $"({Waiting}, {Scheduled}, {Ready}, {Running}, {ReadySuspect})";

    /// <summary>The states of jobs that have ended, for <c>state IN …</c>.</summary>
    public const string Final = $"({Succeeded}, {Failed}, {Cancelled}, {Skipped})";

    /// <summary>States as a set for <c>state IN …</c>; ready ones with the suspects among them.</summary>
    public static string SetOf(IEnumerable<JobState> states) =>
        $"({string.Join(", ", states.Select(static s => s == JobState.Ready ? $"{Ready}, {ReadySuspect}" : $"{(int)s}"))})";

    /// <summary>The state that a stored number stands for.</summary>
    /// <param name="stored">The number in a row.</param>
    /// <returns>The state; a number that no version wrote stays what it is.</returns>
    public static JobState Of(int stored) => stored == ReadySuspectNumber ? JobState.Ready : (JobState)stored;

    /// <summary>The number that is stored for a state.</summary>
    /// <param name="state">The state.</param>
    /// <param name="suspicion">The job's level as a suspect; 0: it is none.</param>
    /// <returns>The number.</returns>
    public static int Stored(JobState state, int suspicion) =>
        state == JobState.Ready && suspicion > 0 ? ReadySuspectNumber : (int)state;
}
