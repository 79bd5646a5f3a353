using System.Globalization;
using Simmer.Storage;

namespace Simmer.Postgres;

/// <summary>The partitions of the history by name: one a day of expiry, and one for whatever no day has.</summary>
internal static class HistoryPartition
{
    /// <summary>The partition of whatever has no day of its own.</summary>
    public const string Default = "history_later";

    private const string MakeSql = """
        CREATE TABLE simmer.{0} (LIKE simmer.history INCLUDING DEFAULTS INCLUDING CONSTRAINTS)
        """;

    private const string MoveSql =
        "WITH moved AS (DELETE FROM simmer.history_later WHERE keep_until >= {1} AND keep_until < {2} RETURNING *) INSERT INTO "
            + "simmer.{0} SELECT * FROM moved";
    private const string AttachSql = "ALTER TABLE simmer.history ATTACH PARTITION simmer.{0} FOR VALUES FROM ({1}) TO ({2})";
    private const string DropErrorsSql = "DELETE FROM simmer.error e USING simmer.{0} h WHERE h.errors > 0 AND e.job = h.id";
    private const string DropSql = "DROP TABLE simmer.{0}";

    public static string NameOf(DateOnly day) => string.Create(CultureInfo.InvariantCulture, $"history_{day:yyyyMMdd}");

    /// <summary>The day of a partition; null: it is that of no day.</summary>
    public static DateOnly? DayOf(string partition) =>
        DateOnly.TryParseExact(partition.AsSpan(partition.IndexOf('_') + 1), "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None,
            out var day) ? day : null;

    /// <summary>The statements that make the partition of a day, and move there what has expired into the default one.</summary>
    public static string[] Make(DateOnly day)
    {
        var (from, to) = (StartOf(day), StartOf(day.AddDays(1)));
        return [.. new[] { MakeSql, MoveSql, AttachSql }
            .Select(sql => string.Format(CultureInfo.InvariantCulture, sql, NameOf(day), from, to))];
    }

    /// <summary>The statements that drop a partition, with the errors of its jobs.</summary>
    public static string[] Drop(string partition) =>
        [.. new[] { DropErrorsSql, DropSql }.Select(sql => string.Format(CultureInfo.InvariantCulture, sql, partition))];

    private static long StartOf(DateOnly day) => DbTime.Of(new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero));
}
