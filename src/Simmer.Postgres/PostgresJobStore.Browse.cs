using System.Globalization;
using System.Text;
using Npgsql;
using NpgsqlTypes;
using Simmer.Storage;

namespace Simmer.Postgres;

internal sealed partial class PostgresJobStore
{
    // A row whose queue or kind has no name any more is still shown.
    private const string WithNames = "LEFT JOIN simmer.queue q ON q.id = j.queue LEFT JOIN simmer.kind k ON k.id = j.kind";

    /// <summary>What the columns of a hot row need beside it.</summary>
    private const string HotJoins = $"{WithNames} {WithNotes}";

    // One statement: two would miss a job that moves between the tables meanwhile.
    private static readonly string s_get = $"""
        SELECT {JobColumns.Hot} FROM simmer.job j {HotJoins} WHERE j.id = ANY($1)
        UNION ALL
        SELECT {JobColumns.Old} FROM simmer.history j {WithNames} WHERE j.id = ANY($1)
        """;

    private const string VersionsSql = $"SELECT j.id, ({VersionWithNotes})::bigint FROM simmer.job j {WithNotes} WHERE j.id = ANY($1)";

    private const string ErrorsSql =
        "SELECT job, run, attempt, at, type, message, detail FROM simmer.error WHERE job = ANY($1) ORDER BY job, n";

    private const string CountSql = """
        SELECT q.name, c.state, sum(c.n)::bigint FROM (
          SELECT queue, CASE state WHEN 9 THEN 3 ELSE state END AS state, count(*) AS n FROM simmer.job GROUP BY 1, 2
          UNION ALL
          SELECT queue, state, count(*) FROM simmer.history GROUP BY 1, 2) c
        JOIN simmer.queue q ON q.id = c.queue WHERE c.state BETWEEN 1 AND 8 GROUP BY 1, 2
        """;

    // However long the queues are, this is short: no more than the next 10,000 are looked at (the rest came later but for promotions), and
    // whether a queue holds anything else is not asked.
    private const string QueuesSql = """
        SELECT q.name, q.paused, r.n + s.n, least(r.oldest, s.oldest), q.paused_reason, q.paused_by, q.paused_at, q.keep_succeeded,
            q.keep_failed, q.declared_by
        FROM simmer.queue q
        CROSS JOIN LATERAL (SELECT count(*) AS n, min(ready_at) AS oldest
            FROM (SELECT j.ready_at FROM simmer.job j WHERE j.queue = q.id AND j.state = 3 ORDER BY j.rank, j.seq LIMIT 10000) j) r
        CROSS JOIN LATERAL (SELECT count(*) AS n, min(ready_at) AS oldest
            FROM (SELECT j.ready_at FROM simmer.job j WHERE j.queue = q.id AND j.state = 9 ORDER BY j.rank, j.seq LIMIT 10000) j) s
        ORDER BY q.name
        """;

    private static readonly string s_workersSeen = $"""
        SELECT w.id, w.name, w.queues, w.capabilities, w.beats, {LeaseClockSql(1)}, coalesce(r.running, 0)::int, w.lease, w.slots, w.beat_at
        FROM simmer.worker w LEFT JOIN (SELECT owner, count(*) AS running FROM simmer.job WHERE state = 4 GROUP BY owner) r
            ON r.owner = w.id ORDER BY w.id
        """;

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<JobRecord?>> GetAsync(IReadOnlyList<JobId> ids, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ids);
        return Browse<IReadOnlyList<JobRecord?>>(async session =>
        {
            var found = new Dictionary<JobId, JobRecord>(ids.Count);
            foreach (var record in await ReadRecordsAsync(session,
                static (batch, wanted) => batch.Add(s_get).BindIds(wanted, static id => id.Value), ids))
            {
                // The hot row comes first and counts, if both are there; of two finished ones the later.
                if (!found.TryGetValue(record.Id, out var other) || (other.FinishedAt is { } before && record.FinishedAt > before))
                {
                    found[record.Id] = record;
                }
            }

            return StoreRules.Each(ids, id => found.GetValueOrDefault(id));
        }, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<long?>> VersionsAsync(IReadOnlyList<JobId> ids, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ids);
        return LookAt(ids, static id => id.Value, static batch => batch.Add(VersionsSql), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<JobRecord>> ListAsync(JobQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        return Browse<IReadOnlyList<JobRecord>>(async session => await ReadRecordsAsync(session, static (batch, q) =>
        {
            _ = batch.Add(ListText(q)).Bind(q.Queue).Bind(q.Kind).Bind(q.Tag is { } tag ? JsonList.Write([tag])![1..^1] : null)
                .Bind(Math.Clamp(q.Limit, 1, 1000));
            _ = q.Before is { } before ? batch.Bind(before) : batch.BindNull(NpgsqlDbType.Uuid);
        }, query), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<JobCount>> CountAsync(CancellationToken cancellationToken) =>
        Browse<IReadOnlyList<JobCount>>(async session =>
        {
            var counts = new List<JobCount>();
            await session.Batch().Add(CountSql)
                .Each(row => counts.Add(new JobCount(row.GetString(0), (JobState)row.GetInt32(1), row.GetInt64(2)))).RunAsync();
            return counts;
        }, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<QueueRecord>> QueuesAsync(CancellationToken cancellationToken) =>
        Browse<IReadOnlyList<QueueRecord>>(async session =>
        {
            var queues = new List<QueueRecord>();
            await session.Batch().Add(QueuesSql)
                .Each(row => queues
                .Add(new QueueRecord(row.GetString(0), row.GetBoolean(1), Math.Min(row.GetInt64(2), QueueRecord.CountedUpTo),
                    row.ClampedOrNull(3))
                {
                    Pause = row.GetBoolean(1) ? new QueuePause(row.TextOrNull(4), row.TextOrNull(5), row.ClampedOrNull(6)) : null,
                    Declared = ReadDeclared(row, row.GetString(0), 7),
                })).RunAsync();
            return queues;
        }, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<WorkerRecord>> WorkersAsync(DateTimeOffset now, CancellationToken cancellationToken) =>
        Browse<IReadOnlyList<WorkerRecord>>(async session =>
        {
            var workers = new List<WorkerRecord>();
            await session.Batch().Add(s_workersSeen).Bind(_context.Time.LeaseTime(now)).Each(row =>
            {
                var info = new WorkerInfo(row.GetString(1), JsonList.ReadOrNothing(row.TextOrNull(2)),
                    JsonList.ReadOrNothing(row.TextOrNull(3)))
                {
                    Lease = WorkerNumbers.Lease(row.LongOrNull(7)),
                    Slots = WorkerNumbers.Slots(row.IsDBNull(8) ? null : row.GetInt32(8)),
                };
                workers.Add(new WorkerRecord(new WorkerId(row.GetInt64(0)), info, row.GetInt64(4),
                    WorkerNumbers.BeatAge(row.GetInt64(9), row.GetInt64(5)), row.GetInt32(6)));
            }).RunAsync();
            return workers;
        }, cancellationToken);

    /// <summary>A version each of those that a statement finds; it is one statement, so there is nothing to begin and to commit.</summary>
    private async ValueTask<IReadOnlyList<long?>> LookAt<TId>(IReadOnlyList<TId> ids, Func<TId, Guid> value, Action<SqlBatch> ask,
        CancellationToken cancellationToken)
    {
        ThrowIfNotOpen();
        var found = new Dictionary<Guid, long>(ids.Count);
        _ = await _connections.Reads.RunBehindAsync(async connection =>
        {
            var batch = SessionOn(connection).Batch();
            ask(batch);
            await batch.BindIds(ids, value).Each(row => found[row.Id(0).Value] = row.GetInt64(1)).RunAsync();
            return true;
        }, cancellationToken);
        return StoreRules.Each(ids, id => found.TryGetValue(value(id), out var version) ? version : (long?)null);
    }

    private static string ListText(JobQuery query)
    {
        var text = new StringBuilder("SELECT * FROM (");
        _ = text.Append("(SELECT ").Append(JobColumns.Hot).Append(" FROM simmer.job j ").Append(HotJoins);
        Where(text, query, query.State == JobState.Ready ? "j.state IN (3, 9)" : null);
        _ = text.Append(") UNION ALL (SELECT ").Append(JobColumns.Old).Append(" FROM simmer.history j ").Append(WithNames);
        Where(text, query, null);
        return text.Append(")) l ORDER BY 1 DESC LIMIT $4").ToString();
    }

    private static void Where(StringBuilder text, JobQuery query, string? state)
    {
        // A tag is looked for as it is written, between commas: a cast of tags that are no JSON would fail the whole list. Parameters of
        // which nothing is said here must be named all the same, or their types are not known.
        _ = text.Append(" WHERE ($1::text IS NULL OR q.name = $1) AND ($2::text IS NULL OR k.name = $2) AND ($5::uuid IS NULL OR j.id < "
            + "$5) AND ($3::text IS NULL OR position(',' || $3 || ',' IN ',' || trim(BOTH '[]' FROM j.tags) || ',') > 0)");
        _ = query.State is not { } wanted
            ? text
            : text.Append(" AND ").Append(state ?? string.Create(CultureInfo.InvariantCulture, $"j.state = {(int)wanted}"));
        _ = text.Append(" ORDER BY j.id DESC LIMIT $4");
    }

    private static async Task<List<JobRecord>> ReadRecordsAsync<TQuery>(Session session, Action<SqlBatch, TQuery> ask, TQuery query,
        Action<NpgsqlDataReader>? alsoRead = null)
    {
        var records = new List<JobRecord>();
        var withErrors = new Dictionary<JobId, int>();
        var batch = session.Batch();
        ask(batch, query);
        await batch.Each(row =>
        {
            var record = JobColumns.ReadRecord(row);
            if (row.GetInt32(JobColumns.Errors.Shown) > 0)
            {
                withErrors[record.Id] = records.Count;
            }

            records.Add(record);
            alsoRead?.Invoke(row);
        }).RunAsync();
        if (withErrors.Count > 0)
        {
            await ReadErrorsAsync(session, records, withErrors);
        }

        return records;
    }

    private static async Task ReadErrorsAsync(Session session, List<JobRecord> records, Dictionary<JobId, int> places)
    {
        var errors = new Dictionary<JobId, List<AttemptError>>();
        await session.Batch().Add(ErrorsSql).BindIds([.. places.Keys], static id => id.Value).Each(row =>
        {
            var id = row.Id(0);
            if (!errors.TryGetValue(id, out var list))
            {
                errors[id] = list = [];
            }

            list.Add(new AttemptError(row.GetInt32(1), row.GetInt32(2), DbTime.Clamped(row.GetInt64(3)), row.GetString(4), row.GetString(5),
                row.TextOrNull(6)));
        }).RunAsync();
        foreach (var (id, list) in errors)
        {
            records[places[id]] = records[places[id]] with { Errors = list };
        }
    }
}
