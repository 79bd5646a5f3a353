using Simmer.Storage;

namespace Simmer.Sqlite;

/// <summary>Whether jobs of a queue may start (<see cref="Storage.Decisions.Admission"/>), and the pause that decides it today. All SQL
/// about a pause is here. Nobody can pause a queue between a look and the start that follows from it, because both are in one
/// transaction that writes, and SQLite has one writer.</summary>
internal static class Admission
{
    /// <summary>The condition on a row of the table of queues under which its jobs may start.</summary>
    public const string QueueIsOpen = "paused = 0";

    /// <summary>What is read of a pause, in the order of <see cref="Read"/>.</summary>
    public const string Columns = "paused, paused_reason, paused_by, paused_at";

    /// <summary>How many columns these are.</summary>
    public const int ColumnCount = 4;

    private static readonly Sql s_paused = new("SELECT paused FROM simmer_queue WHERE id = ?1");

    private static readonly Sql s_pause = new("""
        UPDATE simmer_queue SET paused_at = CASE WHEN paused THEN coalesce(paused_at, ?2) ELSE ?2 END, paused = 1, paused_reason = ?3,
            paused_by = ?4
        WHERE id = ?1
        """);

    private static readonly Sql s_resume =
        new("UPDATE simmer_queue SET paused = 0, paused_at = NULL, paused_reason = NULL, paused_by = NULL WHERE id = ?1");

    /// <summary>Whether jobs of a queue may start. A queue without a row, or whose mark is damaged, lets none start.</summary>
    public static bool IsOpen(SqliteSession session, long queue) =>
        session[s_paused].Bind(1, queue).Number() is { } paused && Storage.Decisions.Admission.IsOpen(isPaused: paused != 0);

    /// <summary>Pauses a queue. Paused already, it takes the new reason and keeps the time of the first pause.</summary>
    public static void Pause(SqliteSession session, long queue, string? reason, string? by, DateTimeOffset now) =>
        session[s_pause].Bind(1, queue).Bind(2, DbTime.Of(now)).Bind(3, StoreRules.Cut(reason, StoreRules.LongestReason))
            .Bind(4, StoreRules.Cut(by, StoreRules.LongestName)).Run();

    /// <summary>Ends the pause of a queue.</summary>
    public static void Resume(SqliteSession session, long queue) => session[s_resume].Bind(1, queue).Run();

    /// <summary>The pause of a queue.</summary>
    /// <param name="statement">The row.</param>
    /// <param name="first">Where <see cref="Columns"/> begin.</param>
    /// <returns>The pause; null: it is not paused.</returns>
    public static QueuePause? Read(Statement statement, int first) => statement.Bool(first)
        ? new QueuePause(statement.TextOrNull(first + 1), statement.TextOrNull(first + 2), statement.ClampedOrNull(first + 3))
        : null;
}
