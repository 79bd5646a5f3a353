namespace Simmer.Sqlite;

/// <summary>SQLite's own clock.</summary>
internal static class SqliteClock
{
    /// <summary>The present time in ticks of 100 ns since 1970, as an SQL value; it counts milliseconds.</summary>
    public const string Ticks = "CAST(unixepoch('subsec') * 10000000 AS INTEGER)";
}
