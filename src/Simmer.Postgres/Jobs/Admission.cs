using Npgsql;
using Simmer.Storage;

namespace Simmer.Postgres;

/// <summary>Whether jobs of a queue may start (<see cref="Storage.Decisions.Admission"/>), as the fragments of SQL that a claim and a
/// dispatching insert read in their own statement, and the pause that decides it today. All SQL about a pause is here.</summary>
internal static class Admission
{
    /// <summary>Whether a row q of the table of queues lets jobs start.</summary>
    public const string IsOpen = "NOT q.paused";

    /// <summary>The same for the queue whose number is the first parameter.</summary>
    public const string QueueIsOpen = $"(SELECT {IsOpen} FROM simmer.queue q WHERE q.id = $1)";

    /// <summary>Whether a row e that is inserted starts, beside a row q of its queue with <c>free</c> (<see cref="IsOpen"/>) and
    /// <c>best</c>, the rank of the best ready job. Without a row q it does not.</summary>
    public const string Starts = "coalesce(wants AND q.free AND (q.best IS NULL OR q.best > e.rank), false)";

    /// <summary>What is read of the pause of a row q, in the order of <see cref="Read"/>.</summary>
    public const string Columns = "q.paused, q.paused_reason, q.paused_by, q.paused_at";

    /// <summary>How many columns these are.</summary>
    public const int ColumnCount = 4;

    private const string PauseSql = """
        INSERT INTO simmer.queue AS q(name, paused, paused_at, paused_reason, paused_by) VALUES($1, true, $2, $3, $4)
        ON CONFLICT(name) DO UPDATE SET paused = true, paused_reason = excluded.paused_reason, paused_by = excluded.paused_by,
            paused_at = CASE WHEN q.paused THEN coalesce(q.paused_at, excluded.paused_at) ELSE excluded.paused_at END
        """;

    private const string ResumeSql = """
        INSERT INTO simmer.queue(name, paused) VALUES($1, false)
        ON CONFLICT(name) DO UPDATE SET paused = false, paused_at = NULL, paused_reason = NULL, paused_by = NULL
        """;

    /// <summary>Pauses a queue. Paused already, it takes the new reason and keeps the time of the first pause.</summary>
    public static SqlBatch Pause(SqlBatch batch, string queue, string? reason, string? by, DateTimeOffset now) => batch.Add(PauseSql)
        .Bind(queue).Bind(DbTime.Of(now)).Bind(StoreRules.Cut(reason, StoreRules.LongestReason))
        .Bind(StoreRules.Cut(by, StoreRules.LongestName));

    /// <summary>Ends the pause of a queue.</summary>
    public static SqlBatch Resume(SqlBatch batch, string queue) => batch.Add(ResumeSql).Bind(queue);

    /// <summary>The pause of a queue.</summary>
    /// <param name="row">The row.</param>
    /// <param name="first">Where <see cref="Columns"/> begin.</param>
    /// <returns>The pause; null: it is not paused.</returns>
    public static QueuePause? Read(NpgsqlDataReader row, int first) => row.GetBoolean(first)
        ? new QueuePause(row.TextOrNull(first + 1), row.TextOrNull(first + 2), row.ClampedOrNull(first + 3))
        : null;
}
