using NpgsqlTypes;

namespace Simmer.Postgres;

/// <summary>Rows on their way into a statement, a column an array. A column of which every row is NULL goes as a single NULL: unnest fills
/// it up.</summary>
internal static class Columns
{
    public static SqlBatch BindLongs<T>(this SqlBatch batch, IReadOnlyList<T> rows, Func<T, long?> value) =>
        batch.BindSome(rows, value, NpgsqlDbType.Bigint);

    public static SqlBatch BindInts<T>(this SqlBatch batch, IReadOnlyList<T> rows, Func<T, int?> value) =>
        batch.BindSome(rows, value, NpgsqlDbType.Integer);

    public static SqlBatch BindDoubles<T>(this SqlBatch batch, IReadOnlyList<T> rows, Func<T, double?> value) =>
        batch.BindSome(rows, value, NpgsqlDbType.Double);

    public static SqlBatch BindIds<T>(this SqlBatch batch, IReadOnlyList<T> rows, Func<T, Guid> value) =>
        batch.BindAll(rows, value, NpgsqlDbType.Uuid);

    public static SqlBatch BindAllLongs<T>(this SqlBatch batch, IReadOnlyList<T> rows, Func<T, long> value) =>
        batch.BindAll(rows, value, NpgsqlDbType.Bigint);

    public static SqlBatch BindAllInts<T>(this SqlBatch batch, IReadOnlyList<T> rows, Func<T, int> value) =>
        batch.BindAll(rows, value, NpgsqlDbType.Integer);

    public static SqlBatch BindFlags<T>(this SqlBatch batch, IReadOnlyList<T> rows, Func<T, bool> value) =>
        batch.BindAll(rows, value, NpgsqlDbType.Boolean);

    public static SqlBatch BindTexts<T>(this SqlBatch batch, IReadOnlyList<T> rows, Func<T, string?> value)
    {
        string?[]? column = null;
        for (var i = 0; i < rows.Count; i++)
        {
            if (value(rows[i]) is { } text)
            {
                (column ??= new string?[rows.Count])[i] = CleanText.Of(text);
            }
        }

        return column is null
            ? batch.BindNull(NpgsqlDbType.Array | NpgsqlDbType.Text)
            : batch.Bind(column, NpgsqlDbType.Array | NpgsqlDbType.Text);
    }

    public static SqlBatch BindBytes<T>(this SqlBatch batch, IReadOnlyList<T> rows, Func<T, ReadOnlyMemory<byte>?> value)
    {
        ReadOnlyMemory<byte>?[]? column = null;
        for (var i = 0; i < rows.Count; i++)
        {
            if (value(rows[i]) is { } bytes)
            {
                (column ??= new ReadOnlyMemory<byte>?[rows.Count])[i] = bytes;
            }
        }

        return column is null
            ? batch.BindNull(NpgsqlDbType.Array | NpgsqlDbType.Bytea)
            : batch.Bind(column, NpgsqlDbType.Array | NpgsqlDbType.Bytea);
    }

    private static SqlBatch BindAll<TRow, TValue>(this SqlBatch batch, IReadOnlyList<TRow> rows, Func<TRow, TValue> value,
        NpgsqlDbType type)
    {
        var column = new TValue[rows.Count];
        for (var i = 0; i < column.Length; i++)
        {
            column[i] = value(rows[i]);
        }

        return batch.Bind(column, NpgsqlDbType.Array | type);
    }

    private static SqlBatch BindSome<TRow, TValue>(this SqlBatch batch, IReadOnlyList<TRow> rows, Func<TRow, TValue?> value,
        NpgsqlDbType type)
        where TValue : struct
    {
        TValue?[]? column = null;
        for (var i = 0; i < rows.Count; i++)
        {
            if (value(rows[i]) is { } known)
            {
                (column ??= new TValue?[rows.Count])[i] = known;
            }
        }

        return column is null ? batch.BindNull(NpgsqlDbType.Array | type) : batch.Bind(column, NpgsqlDbType.Array | type);
    }
}
