namespace Simmer.Enqueue;

/// <summary>How long a store keeps what has finished.</summary>
internal static class Retention
{
    /// <summary>Whatever the queue's options say, the result of a job is kept this long, so that a caller who waits gets it.</summary>
    public static readonly TimeSpan LeastForResults = TimeSpan.FromMinutes(10);

    /// <summary>Memory must not creep, so it keeps at most this long what has finished.</summary>
    private static readonly TimeSpan s_longestInMemory = TimeSpan.FromMinutes(10);

    public static TimeSpan In(bool isDurable, TimeSpan configured) =>
        isDurable || configured < s_longestInMemory ? configured : s_longestInMemory;
}
