namespace Simmer;

/// <summary>When a failed attempt is tried again: exponential back-off with full jitter (a random time between zero and the back-off), so
/// that many jobs that failed together do not come back together.</summary>
public sealed record RetryPolicy
{
    /// <summary>Doubling from 2 seconds up to 1 hour.</summary>
    public static RetryPolicy Default { get; } = new();

    /// <summary>At once, without any delay.</summary>
    public static RetryPolicy Immediate { get; } = new() { BaseDelay = TimeSpan.Zero, MaxDelay = TimeSpan.Zero };

    /// <summary>The back-off after the first failed attempt.</summary>
    /// <value>Default: 2 seconds; from zero to <see cref="TimeSpan.MaxValue"/>.</value>
    public TimeSpan BaseDelay { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The factor from one attempt to the next.</summary>
    /// <value>Default: 2; from 1.</value>
    public double Factor { get; init; } = 2;

    /// <summary>The longest back-off.</summary>
    /// <value>Default: 1 hour; from zero to <see cref="TimeSpan.MaxValue"/>.</value>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Whether the delay is a random time between zero and the back-off, or the back-off itself.</summary>
    /// <value>Default: <see langword="true"/>.</value>
    public bool Jitter { get; init; } = true;

    /// <summary>The delay after a failed attempt.</summary>
    /// <param name="attempt">The attempt that failed, from 1.</param>
    /// <param name="random">From 0 (inclusive) to 1 (exclusive).</param>
    /// <returns>The delay.</returns>
    public TimeSpan DelayAfter(int attempt, double random)
    {
        if (BaseDelay <= TimeSpan.Zero)
        {
            return TimeSpan.Zero;
        }

        var backOff = Math.Min(MaxDelay.Ticks, BaseDelay.Ticks * Math.Pow(Factor, Math.Max(0, attempt - 1)));
        return TimeSpan.FromTicks((long)(Jitter ? backOff * random : backOff));
    }
}
