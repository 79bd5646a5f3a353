namespace Simmer.Storage;

/// <summary>Times as the databases have them: ticks of 100 ns since 1970 in UTC, so that nothing is rounded and an index orders them.</summary>
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
}
