using Npgsql;
using Simmer.Storage;

namespace Simmer.Postgres;

/// <summary>What the store's columns hold, read from a row.</summary>
internal static class Rows
{
    public static JobId Id(this NpgsqlDataReader row, int column) => new(row.GetGuid(column));

    public static DateTimeOffset Time(this NpgsqlDataReader row, int column) => DbTime.From(row.GetInt64(column));

    public static DateTimeOffset? TimeOrNull(this NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : DbTime.From(row.GetInt64(column));

    public static DateTimeOffset? ClampedOrNull(this NpgsqlDataReader row, int column) =>
        row.LongOrNull(column) is { } ticks ? DbTime.Clamped(ticks) : null;

    public static long? LongOrNull(this NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetInt64(column);

    public static int IntOrZero(this NpgsqlDataReader row, int column) => row.IsDBNull(column) ? 0 : row.GetInt32(column);

    public static long LongOrZero(this NpgsqlDataReader row, int column) => row.IsDBNull(column) ? 0 : row.GetInt64(column);

    public static double? DoubleOrNull(this NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetDouble(column);

    public static string? TextOrNull(this NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    public static byte[] Bytes(this NpgsqlDataReader row, int column) => row.GetFieldValue<byte[]>(column);

    public static ReadOnlyMemory<byte>? BytesOrNull(this NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? (ReadOnlyMemory<byte>?)null : row.Bytes(column);

    public static StepDraft? StepOrNull(this NpgsqlDataReader row, int column, JobId id) =>
        row.IsDBNull(column) ? null : StepDraft.Read(id, row.Bytes(column));
}
