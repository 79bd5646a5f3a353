namespace Simmer.Sqlite;

/// <summary>Times as the database has them: ticks of 100 ns since 1970 in UTC, so that nothing is rounded and an index orders them.</summary>
internal static class DbTime
{
    /// <summary>SQLite's own clock in this unit; it counts milliseconds.</summary>
    public const string Clock = "CAST(unixepoch('subsec') * 10000000 AS INTEGER)";

    public static long Of(DateTimeOffset time) => time.UtcTicks - DateTime.UnixEpoch.Ticks;

    public static long? Of(DateTimeOffset? time) => time is { } value ? Of(value) : null;

    public static DateTimeOffset From(long ticks) => new(ticks + DateTime.UnixEpoch.Ticks, TimeSpan.Zero);
}
