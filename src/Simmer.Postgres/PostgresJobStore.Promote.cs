using Simmer.Storage;

namespace Simmer.Postgres;

internal sealed partial class PostgresJobStore
{
    private const string PromoteSql = """
        WITH due AS MATERIALIZED (SELECT id FROM simmer.job WHERE state = 2 AND due_at <= $1 ORDER BY due_at, seq LIMIT $2 FOR UPDATE SKIP LOCKED)
        UPDATE simmer.job j SET state = 3, due_at = NULL, ready_at = $1, version = j.version + 1 FROM due WHERE j.id = ANY(ARRAY[due.id]) RETURNING j.queue, j.rank, j.seq
        """;

    // One that another transaction holds is looked at again a little later, not at once and for ever.
    private const string NextDueSql = "SELECT CASE WHEN min(due_at) <= $1 AND $2 THEN $1 + 10000000 ELSE min(due_at) END FROM simmer.job WHERE state = 2";

    /// <inheritdoc/>
    public ValueTask<PromoteReport> PromoteDueAsync(int limit, DateTimeOffset now, CancellationToken cancellationToken) =>
        Write(now, async (session, at) =>
        {
            var count = 0;
            DateTimeOffset? next = null;
            var queues = new HashSet<int>();
            await session.Batch().Add(PromoteSql).Bind(DbTime.Of(at)).Bind(limit).Each(row =>
            {
                count++;
                _ = queues.Add(row.GetInt32(0));
                session.Steps.BackAtOldPlace(row.GetInt32(0), row.GetInt32(1), row.GetInt64(2), suspect: false);
            }).RunAsync();
            await session.Batch().Add(NextDueSql).Bind(DbTime.Of(at)).Bind(count < limit).Each(row => next = row.TimeOrNull(0)).RunAsync();
            return new PromoteReport(count, await NamesOfAsync(session, queues), ByCaller(next, at - now));
        }, cancellationToken, Math.Min(limit, 10_000), fresh: true);

    private static async Task<IReadOnlyList<string>> NamesOfAsync(Session session, IReadOnlyCollection<int> queues)
    {
        if (queues.Any(q => session.Names.QueueName(q) is null))
        {
            await session.Names.RefreshAsync(session.Connection);
        }

        return [.. queues.Select(session.Names.QueueName).OfType<string>().Order(StringComparer.Ordinal)];
    }
}
