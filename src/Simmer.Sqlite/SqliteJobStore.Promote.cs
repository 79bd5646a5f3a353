using Simmer.Storage;

namespace Simmer.Sqlite;

internal sealed partial class SqliteJobStore
{
    private static readonly Sql s_due =
        new("SELECT seq, queue FROM simmer_job WHERE state = 2 AND due_at <= ?1 AND seq NOT IN (SELECT value FROM json_each(?3)) ORDER "
            + "BY due_at LIMIT ?2");

    // Only what was set aside is a suspect while it is scheduled: it is one still.
    private static readonly Sql s_promote =
        new("UPDATE simmer_job SET state = iif(suspect > 0, 9, 3), due_at = NULL, ready_at = ?2, version = version + 1 WHERE seq = ?1");
    private static readonly Sql s_nextDueOfOthers =
        new("SELECT min(due_at) FROM simmer_job WHERE state = 2 AND seq NOT IN (SELECT value FROM json_each(?1))");

    /// <inheritdoc/>
    public ValueTask<PromoteReport> PromoteDueAsync(int limit, DateTimeOffset now, CancellationToken cancellationToken) =>
        WriteEach((session, careful) => Promote(session, limit, now, careful), cancellationToken, weight: Math.Min(limit, 500));

    private PromoteReport Promote(SqliteSession session, int limit, DateTimeOffset now, bool careful)
    {
        var at = DbTime.Of(now);
        var due = new List<(long Seq, string Queue)>();
        var statement = session[s_due].Bind(1, at).Bind(2, limit).Bind(3, Avoided(now) ?? "[]");
        while (statement.Step())
        {
            due.Add((statement.Long(0), session.Names.QueueName(statement.Long(1))));
        }

        var refused = ForEach(session, due, careful, row => session[s_promote].Bind(1, row.Seq).Bind(2, at).Run());
        Avoid(refused.ConvertAll(static r => (r.Item.Seq, r.Error)), "made ready", now);
        return new PromoteReport(due.Count - refused.Count,
            [.. due.Except(refused.Select(static r => r.Item)).Select(static row => row.Queue).Distinct().Order(StringComparer.Ordinal)],
            NextDue(session, now));
    }

    /// <summary>When the next scheduled job is due. What cannot be made ready is left alone for a while, and nobody wakes for it.</summary>
    private DateTimeOffset? NextDue(SqliteSession session, DateTimeOffset now)
    {
        var next = Avoided(now) is { } avoided ? session[s_nextDueOfOthers].Bind(1, avoided).Number() : session[s_nextDue].Number();
        return next is { } ticks ? DbTime.Clamped(ticks) : null;
    }

    private void Avoid(List<(long Seq, Exception Error)> refused, string what, DateTimeOffset now)
    {
        foreach (var (seq, error) in refused)
        {
            Log.Avoided(_logger, error, seq, _database.Path, what, _avoided.Avoid(seq, now));
        }
    }
}
