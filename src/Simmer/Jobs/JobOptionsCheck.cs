namespace Simmer.Jobs;

/// <summary>Finds everything that can be wrong with the options of a job before anything runs.</summary>
internal static class JobOptionsCheck
{
    public const int MaxPriority = 1_000;

    public static void Check(string name, JobOptions options, List<string> problems)
    {
        if (options.MaxAttempts is < 1)
        {
            problems.Add($"Job '{name}' has MaxAttempts = {options.MaxAttempts}; it takes at least 1.");
        }

        if (options.TimeLimit is { } limit && WhyNoTimeLimit(limit) is { } why)
        {
            problems.Add($"Job '{name}' has the time limit {limit}; {why}");
        }

        if (options.Priority is < -MaxPriority or > MaxPriority)
        {
            problems.Add($"Job '{name}' has the priority {options.Priority:N0}; it takes {-MaxPriority:N0} to {MaxPriority:N0}.");
        }

        CheckRetry(name, options.Retry, problems);
    }

    /// <summary>Checks a time limit.</summary>
    /// <returns>What a time limit may be; <see langword="null"/> if this one is allowed.</returns>
    public static string? WhyNoTimeLimit(TimeSpan limit) => limit >= TimeSpan.FromMilliseconds(1) || limit == Timeout.InfiniteTimeSpan
        ? null
        : "it takes 1 millisecond or more, or Timeout.InfiniteTimeSpan for no limit.";

    /// <summary>The time limit as it is stored and compared. <see cref="Timeout.InfiniteTimeSpan"/> is negative and would count as over at
    /// once, so it becomes the largest span.</summary>
    public static TimeSpan TimeLimit(TimeSpan limit) => limit == Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue : limit;

    /// <summary>Converts seconds. A number that is not above zero, or none at all, becomes a negative span, which the check
    /// refuses.</summary>
    public static TimeSpan Seconds(double seconds) =>
        !(seconds > 0) ? TimeSpan.FromSeconds(-1)
        : double.IsPositiveInfinity(seconds) ? Timeout.InfiniteTimeSpan
        : seconds < TimeSpan.MaxValue.TotalSeconds ? TimeSpan.FromSeconds(seconds)
        : TimeSpan.MaxValue;

    // Without this check a wrong policy would be found only when a first attempt has failed.
    private static void CheckRetry(string name, RetryPolicy? retry, List<string> problems)
    {
        if (retry is null)
        {
            problems.Add($"Job '{name}' has no retry policy; for none set MaxAttempts = 1.");
            return;
        }

        if (retry.BaseDelay < TimeSpan.Zero || retry.MaxDelay < TimeSpan.Zero)
        {
            problems.Add($"The retry policy of job '{name}' has BaseDelay {retry.BaseDelay} and MaxDelay {retry.MaxDelay}; both take "
                + "zero or more, up to TimeSpan.MaxValue.");
        }

        if (!(retry.Factor >= 1) || double.IsInfinity(retry.Factor))
        {
            problems.Add($"The retry policy of job '{name}' has the factor {retry.Factor}; it takes at least 1.");
        }
    }
}
