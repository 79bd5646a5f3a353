namespace Simmer.Execution.Flushing;

/// <summary>The pause before another try: twice as long each time, half of it random, so that workers that met the same failure do not
/// return at the same moment.</summary>
internal readonly record struct FlushBackOff(TimeSpan First, TimeSpan Longest)
{
    /// <summary>Between two attempts to reach the store.</summary>
    public static readonly FlushBackOff Attempt = new(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(5));

    /// <summary>Before an end that the store refused is sent once more.</summary>
    public static readonly FlushBackOff Refusal = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));

    /// <summary>The rest after so many tries before the last one.</summary>
    /// <param name="tries">0 after the first try.</param>
    /// <param name="chance">From 0 to 1.</param>
    public TimeSpan After(int tries, double chance)
    {
        var limit = Math.Min(Longest.TotalMilliseconds, First.TotalMilliseconds * Math.Pow(2, Math.Min(tries, 20)));
        return TimeSpan.FromMilliseconds(limit * (0.5 + (chance / 2)));
    }
}
