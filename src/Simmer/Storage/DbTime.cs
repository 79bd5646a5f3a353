using System.Diagnostics.CodeAnalysis;

namespace Simmer.Storage;

/// <summary>Times as the databases have them: ticks of 100 ns since 1970 in UTC, so that nothing is rounded and an index orders
/// them.</summary>
[Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
public static class DbTime
{
    /// <summary>A time in this unit.</summary>
    /// <param name="time">The time.</param>
    /// <returns>Its ticks.</returns>
    public static long Of(DateTimeOffset time) => time.UtcTicks - DateTime.UnixEpoch.Ticks;

    /// <inheritdoc cref="Of(DateTimeOffset)"/>
    public static long? Of(DateTimeOffset? time) => time is { } value ? Of(value) : null;

    /// <summary>The time of a number of ticks.</summary>
    /// <param name="ticks">The ticks.</param>
    /// <returns>The time, in UTC.</returns>
    public static DateTimeOffset From(long ticks) => new(ticks + DateTime.UnixEpoch.Ticks, TimeSpan.Zero);

    /// <summary>The same for a number that may be damaged: one beyond what a time can be is the first or the last time there is.</summary>
    /// <param name="ticks">The ticks.</param>
    /// <returns>The time, in UTC.</returns>
    public static DateTimeOffset Clamped(long ticks) =>
        ticks < -DateTime.UnixEpoch.Ticks
            ? DateTimeOffset.MinValue
            : ticks > DateTime.MaxValue.Ticks - DateTime.UnixEpoch.Ticks
            ? DateTimeOffset.MaxValue
            : From(ticks);

    /// <summary>The time between two numbers of ticks, at most the longest there is.</summary>
    /// <param name="from">The earlier.</param>
    /// <param name="to">The later.</param>
    /// <returns>The time.</returns>
    public static TimeSpan Between(long from, long to) =>
        TimeSpan.FromTicks((long)Int128.Clamp((Int128)to - from, long.MinValue, long.MaxValue));
}
