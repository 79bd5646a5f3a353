namespace Simmer;

/// <summary>One entry of a job's error history; the newest 20 are kept.</summary>
/// <param name="Run">The run that failed.</param>
/// <param name="Attempt">The attempt that failed, counted from 1.</param>
/// <param name="At">When.</param>
/// <param name="Type">What kind of failure: an exception's type name, or one of <see cref="ErrorTypes"/>.</param>
/// <param name="Message">One line for people.</param>
/// <param name="Detail">The stack trace, shortened to 8,000 characters; <see langword="null"/> where there is none.</param>
public sealed record AttemptError(int Run, int Attempt, DateTimeOffset At, string Type, string Message, string? Detail = null);

/// <summary>The <see cref="AttemptError.Type"/> of failures that are not an exception of the handler.</summary>
public static class ErrorTypes
{
    /// <summary>The attempt went over its time limit.</summary>
    public const string TimeLimit = "simmer.time-limit";

    /// <summary>The worker died or lost its lease while the job ran.</summary>
    public const string LeaseLost = "simmer.lease-lost";

    /// <summary>The workers that ran the job kept being lost: as a rule, it ended their process.</summary>
    public const string Poison = "simmer.poison";

    /// <summary>The stored record could not be read.</summary>
    public const string Unreadable = "simmer.unreadable";

    /// <summary>The database refused the text of the error, its type included.</summary>
    public const string Refused = "simmer.refused";

    /// <summary>The handler's verdict.</summary>
    public const string Verdict = "simmer.verdict";

    /// <summary>The handler's result could not be stored.</summary>
    public const string Result = "simmer.result";

    /// <summary>The handler completed the job in a transaction that was not committed when it returned.</summary>
    public const string NotCommitted = "simmer.not-committed";
}
