using Npgsql;
using Simmer.Storage;

namespace Simmer.Postgres;

/// <summary>Makes scheduled jobs ready that are due.</summary>
/// <param name="avoided">Jobs that the database has refused to change.</param>
internal sealed class Promotion(AvoidedJobs avoided)
{
    // Only what was set aside is a suspect while it is scheduled: it is one still.
    private const string Promotes =
        $"UPDATE simmer.job j SET state = CASE WHEN j.suspect THEN {JobStates.ReadySuspect} ELSE {JobStates.Ready} END, due_at = NULL, "
            + "ready_at = $1, version = j.version + 1 "
            + "FROM due WHERE j.id = ANY(ARRAY[due.id]) RETURNING j.queue, j.rank, j.seq, j.suspect";

    private const string PromoteSql = $"""
        WITH due AS MATERIALIZED (SELECT id FROM simmer.job WHERE state = {JobStates.Scheduled} AND due_at <= $1 AND id <> ALL($3)
            ORDER BY due_at, seq LIMIT $2 FOR UPDATE SKIP LOCKED)
        {Promotes}
        """;

    private const string DueSql =
        $"SELECT id FROM simmer.job WHERE state = {JobStates.Scheduled} AND due_at <= $1 AND id <> ALL($3) ORDER BY due_at, seq LIMIT $2";

    private const string PromoteSomeSql =
        $"WITH due AS MATERIALIZED (SELECT id FROM simmer.job WHERE state = {JobStates.Scheduled} AND due_at <= $1 AND id = ANY($2) FOR "
            + $"UPDATE SKIP LOCKED) {Promotes}";

    // A due job that another transaction holds is looked at again a second later, not at once and for ever.
    private const string NextDueSql =
        "SELECT CASE WHEN min(due_at) <= $1 AND $2 THEN $1 + 10000000 ELSE min(due_at) END FROM simmer.job WHERE state = "
            + $"{JobStates.Scheduled} AND id <> ALL($3)";

    /// <summary>Makes ready what is due, all at once. Where the database refuses that, one by one: what it refuses is left alone for a
    /// while.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="limit">How many jobs at most.</param>
    /// <param name="now">The present time.</param>
    public async Task<List<PromotedRow>> RunAsync(Session session, int limit, DateTimeOffset now)
    {
        var promoted = new List<PromotedRow>();
        if (await session.TryAsync("promote", () => session.Batch().Add(PromoteSql).Bind(DbTime.Of(now)).Bind(limit)
            .Bind(avoided.Present(now), SqlBatch.UuidArray).Each(row => promoted.Add(Read(row))).RunAsync()) is null)
        {
            return promoted;
        }

        promoted.Clear();
        var due = new List<JobId>();
        await session.Batch().Add(DueSql).Bind(DbTime.Of(now)).Bind(limit).Bind(avoided.Present(now), SqlBatch.UuidArray)
            .Each(row => due.Add(row.Id(0))).RunAsync();
        var refused = await session.TryEachAsync("promote", due, async some =>
        {
            var part = new List<PromotedRow>();
            await session.Batch().Add(PromoteSomeSql).Bind(DbTime.Of(now)).BindIds(some, static id => id.Value)
                .Each(row => part.Add(Read(row))).RunAsync();
            promoted.AddRange(part);
        });
        avoided.Avoid(refused, "made ready", now);
        return promoted;
    }

    /// <summary>When the next job is due; null: none is scheduled.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="now">The present time.</param>
    /// <param name="hasRoom">Whether more could have been made ready: then what is due still was held by another transaction.</param>
    public async Task<DateTimeOffset?> NextDueAsync(Session session, DateTimeOffset now, bool hasRoom)
    {
        DateTimeOffset? next = null;
        await session.Batch().Add(NextDueSql).Bind(DbTime.Of(now)).Bind(hasRoom).Bind(avoided.Present(now), SqlBatch.UuidArray)
            .Each(row => next = row.IsDBNull(0) ? null : DbTime.Clamped(row.GetInt64(0))).RunAsync();
        return next;
    }

    /// <summary>The names of the queues that have ready jobs now.</summary>
    public static async Task<IReadOnlyList<string>> QueuesOfAsync(Session session, List<PromotedRow> promoted)
    {
        var queues = promoted.ConvertAll(static row => row.Queue).ToHashSet();
        if (queues.Any(queue => session.Names.QueueName(queue) is null))
        {
            await session.Names.RefreshAsync(session.Connection);
        }

        return [.. queues.Select(session.Names.QueueName).OfType<string>().Order(StringComparer.Ordinal)];
    }

    private static PromotedRow Read(NpgsqlDataReader row) =>
        new(row.GetInt32(0), row.GetInt32(1), row.GetInt64(2), row.GetBoolean(3));
}
