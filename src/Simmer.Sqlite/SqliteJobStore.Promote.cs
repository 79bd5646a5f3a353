using Simmer.Storage;

namespace Simmer.Sqlite;

internal sealed partial class SqliteJobStore
{
    private static readonly Sql s_due = new("SELECT seq, queue FROM simmer_job WHERE state = 2 AND due_at <= ?1 ORDER BY due_at LIMIT ?2");
    private static readonly Sql s_promote = new("UPDATE simmer_job SET state = 3, due_at = NULL, ready_at = ?2, version = version + 1 WHERE seq = ?1");

    /// <inheritdoc/>
    public ValueTask<PromoteReport> PromoteDueAsync(int limit, DateTimeOffset now, CancellationToken cancellationToken) =>
        Write(session => Promote(session, limit, now), cancellationToken, weight: Math.Min(limit, 500));

    private static PromoteReport Promote(SqliteSession session, int limit, DateTimeOffset now)
    {
        var at = DbTime.Of(now);
        var due = new List<long>();
        var queues = new SortedSet<string>(StringComparer.Ordinal);
        var statement = session[s_due].Bind(1, at).Bind(2, limit);
        while (statement.Step())
        {
            due.Add(statement.Long(0));
            _ = queues.Add(session.Names.QueueName(statement.Long(1)));
        }

        foreach (var seq in due)
        {
            _ = session[s_promote].Bind(1, seq).Bind(2, at).Run();
        }

        return new PromoteReport(due.Count, [.. queues], session[s_nextDue].Number() is { } next ? DbTime.From(next) : null);
    }
}
