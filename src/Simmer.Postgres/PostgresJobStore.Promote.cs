using Simmer.Storage;

namespace Simmer.Postgres;

internal sealed partial class PostgresJobStore
{
    // Only what was set aside is a suspect while it is scheduled: it is one still.
    private const string Promotes =
        "UPDATE simmer.job j SET state = CASE WHEN j.suspect THEN 9 ELSE 3 END, due_at = NULL, ready_at = $1, version = j.version + 1 "
            + "FROM due WHERE j.id = ANY(ARRAY[due.id]) RETURNING j.queue, j.rank, j.seq, j.suspect";

    private const string PromoteSql = $"""
        WITH due AS MATERIALIZED (SELECT id FROM simmer.job WHERE state = 2 AND due_at <= $1 AND id <> ALL($3) ORDER BY due_at, seq LIMIT $2
            FOR UPDATE SKIP LOCKED)
        {Promotes}
        """;

    private const string DueSql =
        "SELECT id FROM simmer.job WHERE state = 2 AND due_at <= $1 AND id <> ALL($3) ORDER BY due_at, seq LIMIT $2";
    private const string PromoteSomeSql =
        $"WITH due AS MATERIALIZED (SELECT id FROM simmer.job WHERE state = 2 AND due_at <= $1 AND id = ANY($2) FOR UPDATE SKIP LOCKED) "
            + $"{Promotes}";

    // One that another transaction holds is looked at again a little later, not at once and for ever.
    private const string NextDueSql =
        "SELECT CASE WHEN min(due_at) <= $1 AND $2 THEN $1 + 10000000 ELSE min(due_at) END FROM simmer.job WHERE state = 2 AND id <> "
            + "ALL($3)";

    /// <inheritdoc/>
    public ValueTask<PromoteReport> PromoteDueAsync(int limit, DateTimeOffset now, CancellationToken cancellationToken) =>
        Write(now, async (session, at) =>
        {
            DateTimeOffset? next = null;
            var promoted = await PromoteAsync(session, limit, at);
            promoted.ForEach(row => session.Steps.BackAtOldPlace(row.Queue, row.Rank, row.Seq, row.Suspect));
            if (promoted.Exists(static row => row.Suspect))
            {
                _suspects.Made();
            }

            await session.Batch().Add(NextDueSql).Bind(DbTime.Of(at)).Bind(promoted.Count < limit).Bind(_avoided.Present(at), UuidArray)
                .Each(row => next = row.IsDBNull(0) ? null : DbTime.Clamped(row.GetInt64(0))).RunAsync();
            return new PromoteReport(promoted.Count, await NamesOfAsync(session, promoted.ConvertAll(static row => row.Queue).ToHashSet()),
                ByCaller(next, session.Ahead));
        }, cancellationToken, Math.Min(limit, 10_000), fresh: true);

    /// <summary>All that is due at once. Where the database refuses that, one by one: what it refuses is left alone for a while.</summary>
    private async Task<List<(int Queue, int Rank, long Seq, bool Suspect)>> PromoteAsync(Session session, int limit, DateTimeOffset now)
    {
        var promoted = new List<(int Queue, int Rank, long Seq, bool Suspect)>();
        if (await session.TryAsync("promote", () => session.Batch().Add(PromoteSql).Bind(DbTime.Of(now)).Bind(limit)
            .Bind(_avoided.Present(now), UuidArray).Each(row => promoted.Add(Place(row))).RunAsync()) is null)
        {
            return promoted;
        }

        promoted.Clear();
        var due = new List<JobId>();
        await session.Batch().Add(DueSql).Bind(DbTime.Of(now)).Bind(limit).Bind(_avoided.Present(now), UuidArray)
            .Each(row => due.Add(row.Id(0))).RunAsync();
        var refused = await session.TryEachAsync("promote", due, async some =>
        {
            var part = new List<(int, int, long, bool)>();
            await session.Batch().Add(PromoteSomeSql).Bind(DbTime.Of(now)).BindIds(some, static id => id.Value)
                .Each(row => part.Add(Place(row))).RunAsync();
            promoted.AddRange(part);
        });
        _avoided.Avoid(refused, "made ready", now);
        return promoted;
    }

    private static (int Queue, int Rank, long Seq, bool Suspect) Place(Npgsql.NpgsqlDataReader row) =>
        (row.GetInt32(0), row.GetInt32(1), row.GetInt64(2), row.GetBoolean(3));

    private static async Task<IReadOnlyList<string>> NamesOfAsync(Session session, IReadOnlyCollection<int> queues)
    {
        if (queues.Any(q => session.Names.QueueName(q) is null))
        {
            await session.Names.RefreshAsync(session.Connection);
        }

        return [.. queues.Select(session.Names.QueueName).OfType<string>().Order(StringComparer.Ordinal)];
    }
}
