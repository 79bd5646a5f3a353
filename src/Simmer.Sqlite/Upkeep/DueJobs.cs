using Simmer.Storage;

namespace Simmer.Sqlite;

/// <summary>Scheduled jobs whose time has come.</summary>
/// <param name="aside">The rows that are left alone.</param>
internal sealed class DueJobs(SetAside aside)
{
    private static readonly Sql s_due = new($"SELECT seq, queue FROM simmer_job WHERE state = {JobStates.Scheduled} AND due_at <= ?1 "
        + "AND seq NOT IN (SELECT value FROM json_each(?3)) ORDER BY due_at LIMIT ?2");

    // Only a suspect that was set aside is scheduled and a suspect; it stays one.
    private static readonly Sql s_promote = new($"UPDATE simmer_job SET state = iif(suspect > 0, {JobStates.ReadySuspect}, "
        + $"{JobStates.Ready}), due_at = NULL, ready_at = ?2, version = version + 1 WHERE seq = ?1");

    private static readonly Sql s_next = new($"SELECT min(due_at) FROM simmer_job WHERE state = {JobStates.Scheduled}");

    private static readonly Sql s_nextOfOthers = new($"SELECT min(due_at) FROM simmer_job WHERE state = {JobStates.Scheduled} "
        + "AND seq NOT IN (SELECT value FROM json_each(?1))");

    /// <summary>Makes due jobs ready.</summary>
    public PromoteReport Promote(SqliteSession session, int limit, DateTimeOffset now, bool careful)
    {
        var at = DbTime.Of(now);
        var due = new List<(long Seq, string Queue)>();
        var statement = session[s_due].Bind(1, at).Bind(2, limit).Bind(3, aside.Avoided(now) ?? "[]");
        while (statement.Step())
        {
            due.Add((statement.Long(0), session.Names.QueueName(statement.Long(1))));
        }

        var refused = session.ForEach(due, careful, row => session[s_promote].Bind(1, row.Seq).Bind(2, at).Run());
        aside.Avoid(refused.Select(static r => (r.Item.Seq, r.Error)), "made ready", now);
        return new PromoteReport(due.Count - refused.Count,
            [.. due.Except(refused.Select(static r => r.Item)).Select(static row => row.Queue).Distinct().Order(StringComparer.Ordinal)],
            Next(session, now));
    }

    /// <summary>When the next scheduled job is due. Jobs that cannot be made ready are left alone for a while and do not count.</summary>
    public DateTimeOffset? Next(SqliteSession session, DateTimeOffset now)
    {
        var next = aside.Avoided(now) is { } avoided ? session[s_nextOfOthers].Bind(1, avoided).Number() : session[s_next].Number();
        return next is { } ticks ? DbTime.Clamped(ticks) : null;
    }
}
