using System.Globalization;

namespace Simmer.Postgres;

/// <summary>The drafts of an insert as arrays, a column an array.</summary>
internal static class DraftArrays
{
    /// <summary>The number of the first array among the parameters; the time, the worker and the queues are before it.</summary>
    private const int First = 4;

    /// <summary>The number of the first parameter behind the arrays.</summary>
    public static readonly int FirstFree = First + JobColumns.DraftCount + 2;

    /// <summary>The drafts as rows e: their columns, whether a caller chose the id (<c>given</c>), whether it may start here
    /// (<c>wants</c>), and its place (<c>n</c>).</summary>
    public static readonly string Rows = string.Create(CultureInfo.InvariantCulture, $"""
        unnest({JobColumns.DraftArrays(First)}, ${FirstFree - 2}::boolean[], ${FirstFree - 1}::boolean[])
          WITH ORDINALITY AS e({JobColumns.DraftNames}, given, wants, n)
        """);

    /// <summary>Binds the arrays.</summary>
    public static void Bind(SqlBatch batch, IReadOnlyList<JobRow> rows)
    {
        JobColumns.BindDrafts(batch, rows);
        _ = batch.BindFlags(rows, static r => r.Job.IdGiven).BindFlags(rows, static r => r.Wants);
    }
}
