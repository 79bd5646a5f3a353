using System.Globalization;
using System.Text;
using Simmer.Storage;

namespace Simmer.Sqlite;

internal sealed partial class SqliteJobStore
{
    private const string HotColumns = """
        j.id, q.name, k.name, CASE j.state WHEN 9 THEN 3 ELSE j.state END, j.version, j.priority, j.run, j.forgiven, j.max_attempts, j.enqueued_at,
        CASE j.state WHEN 2 THEN j.due_at END, j.expires_at, j.started_at, NULL, j.progress, j.progress_text, NULL, j.cancel_requested, j.stuck, j.unique_key,
        j.tags, j.errors, j.payload, NULL, (SELECT w.name FROM simmer_worker w WHERE w.id = j.owner), j.trace_parent, 0 AS old,
        j.step, NULL AS branch, 0 AS first_added, 0 AS added, j.time_limit, j.held_while, j.trace_state
        """;

    private const string OldColumns = """
        j.id, q.name, k.name, j.state, j.version, j.priority, j.run, j.forgiven, j.max_attempts, j.enqueued_at,
        NULL, j.expires_at, j.started_at, j.finished_at, j.progress, j.progress_text, j.reason, 0, 0, j.unique_key,
        j.tags, j.errors, j.payload, j.result, NULL, j.trace_parent, 1 AS old,
        j.step, j.branch, j.first_added, j.added, j.time_limit, j.held_while, j.trace_state
        """;

    private const int StepColumn = 27;

    private const string Names = "JOIN simmer_queue q ON q.id = j.queue JOIN simmer_kind k ON k.id = j.kind";

    // One statement: two would miss a job that moves between the tables meanwhile.
    private static readonly Sql s_get = new($"""
        SELECT {HotColumns} FROM json_each(?1) e JOIN simmer_job j ON j.id = unhex(e.value) {Names}
        UNION ALL
        SELECT {OldColumns} FROM json_each(?1) e JOIN simmer_history j ON j.id = unhex(e.value) {Names}
        """);

    private static readonly Sql s_versions = new("SELECT j.id, j.version FROM json_each(?1) e JOIN simmer_job j ON j.id = unhex(e.value)");

    private static readonly Sql s_errors = new("SELECT run, attempt, at, type, message, detail FROM simmer_error WHERE job = ?1 ORDER BY n");

    private static readonly Sql s_count = new("""
        SELECT q.name, c.state, sum(c.n) FROM (
          SELECT queue, CASE state WHEN 9 THEN 3 ELSE state END AS state, count(*) AS n FROM simmer_job GROUP BY 1, 2
          UNION ALL
          SELECT queue, state, count(*) FROM simmer_history GROUP BY 1, 2) c
        JOIN simmer_queue q ON q.id = c.queue GROUP BY 1, 2
        """);

    // However long the queues are, this is short: no more than the next 10,000 are looked at (the rest came later but for promotions), and whether a queue holds anything else is not asked.
    private static readonly Sql s_queues = new("""
        SELECT name, paused,
          (SELECT count(*) FROM (SELECT 1 FROM simmer_job WHERE queue = q.id AND state = 3 LIMIT 10000)) + (SELECT count(*) FROM (SELECT 1 FROM simmer_job WHERE queue = q.id AND state = 9 LIMIT 10000)),
          (SELECT min(ready_at) FROM (SELECT ready_at FROM simmer_job WHERE queue = q.id AND state = 3 ORDER BY priority DESC, seq LIMIT 10000)),
          (SELECT min(ready_at) FROM (SELECT ready_at FROM simmer_job WHERE queue = q.id AND state = 9 ORDER BY priority DESC, seq LIMIT 10000))
        FROM simmer_queue q
        ORDER BY name
        """);

    private static readonly Sql s_workersSeen = new("""
        SELECT id, name, queues, capabilities, beats, beat_at, (SELECT count(*) FROM simmer_job WHERE state = 4 AND owner = w.id), lease, slots FROM simmer_worker w ORDER BY id
        """);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<JobRecord?>> GetAsync(IReadOnlyList<JobId> ids, CancellationToken cancellationToken) =>
        await Browse(session =>
        {
            var found = new Dictionary<JobId, JobRecord>(ids.Count);
            foreach (var record in ReadRecords(session, session[s_get].Bind(1, JsonList.Write([.. ids.Distinct().Select(static id => id.Value.ToString("N"))]))))
            {
                // The hot row comes first and counts, if both are there.
                _ = found.TryAdd(record.Id, record);
            }

            return StoreRules.Each(ids, id => found.GetValueOrDefault(id));
        }, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<long?>> VersionsAsync(IReadOnlyList<JobId> ids, CancellationToken cancellationToken) =>
        await Browse(session =>
        {
            var found = new Dictionary<JobId, long>(ids.Count);
            var statement = session[s_versions].Bind(1, JsonList.Write([.. ids.Select(static id => id.Value.ToString("N"))]));
            while (statement.Step())
            {
                found[statement.Id(0)] = statement.Long(1);
            }

            return StoreRules.Each(ids, id => found.TryGetValue(id, out var version) ? version : (long?)null);
        }, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<JobRecord>> ListAsync(JobQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        return await Browse(session =>
        {
            using var statement = new Statement(session, ListText(query));
            _ = statement.Bind(1, query.Queue).Bind(2, query.Kind).Bind(3, query.Tag).Bind(4, Math.Clamp(query.Limit, 1, 1000));
            _ = query.Before is { } before ? statement.Bind(5, before) : statement.BindNull(5);
            return ReadRecords(session, statement);
        }, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<JobCount>> CountAsync(CancellationToken cancellationToken) =>
        await Browse(session =>
        {
            var counts = new List<JobCount>();
            var statement = session[s_count];
            while (statement.Step())
            {
                counts.Add(new JobCount(statement.Text(0), (JobState)statement.Int(1), statement.Long(2)));
            }

            return counts;
        }, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<QueueRecord>> QueuesAsync(CancellationToken cancellationToken) =>
        await Browse(session =>
        {
            var queues = new List<QueueRecord>();
            var statement = session[s_queues];
            while (statement.Step())
            {
                var (oldest, oldestSuspect) = (statement.TimeOrNull(3), statement.TimeOrNull(4));
                queues.Add(new QueueRecord(statement.Text(0), statement.Bool(1), Math.Min(statement.Long(2), QueueRecord.CountedUpTo), oldest < oldestSuspect ? oldest : oldestSuspect ?? oldest));
            }

            return queues;
        }, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<WorkerRecord>> WorkersAsync(DateTimeOffset now, CancellationToken cancellationToken) =>
        await Browse(session =>
        {
            var workers = new List<WorkerRecord>();
            var at = LeaseTime(session, now);
            var statement = session[s_workersSeen];
            while (statement.Step())
            {
                var info = new WorkerInfo(statement.Text(1), JsonList.Read(statement.TextOrNull(2)), JsonList.Read(statement.TextOrNull(3)))
                {
                    Lease = statement.SpanOrNull(7),
                    Slots = (int?)statement.LongOrNull(8),
                };
                workers.Add(new WorkerRecord(new WorkerId(statement.Long(0)), info, statement.Long(4), TimeSpan.FromTicks(at - statement.Long(5)), statement.Int(6)));
            }

            return workers;
        }, cancellationToken);

    private static string ListText(JobQuery query)
    {
        var text = new StringBuilder("SELECT * FROM (");
        _ = text.Append("SELECT * FROM (SELECT ").Append(HotColumns).Append(" FROM simmer_job j ").Append(Names);
        Where(text, query, query.State == JobState.Ready ? "j.state IN (3, 9)" : null);
        _ = text.Append(") UNION ALL SELECT * FROM (SELECT ").Append(OldColumns).Append(" FROM simmer_history j ").Append(Names);
        Where(text, query, null);
        return text.Append(")) ORDER BY 1 DESC LIMIT ?4").ToString();
    }

    private static void Where(StringBuilder text, JobQuery query, string? state)
    {
        _ = text.Append(" WHERE 1");
        _ = query.Queue is null ? text : text.Append(" AND q.name = ?1");
        _ = query.Kind is null ? text : text.Append(" AND k.name = ?2");
        _ = query.Tag is null ? text : text.Append(" AND EXISTS(SELECT 1 FROM json_each(j.tags) t WHERE t.value = ?3)");
        _ = query.State is not { } wanted ? text : text.Append(" AND ").Append(state ?? string.Create(CultureInfo.InvariantCulture, $"j.state = {(int)wanted}"));
        _ = query.Before is null ? text : text.Append(" AND j.id < ?5");
        _ = text.Append(" ORDER BY j.id DESC LIMIT ?4");
    }

    private static List<JobRecord> ReadRecords(SqliteSession session, Statement statement, Action<Statement>? alsoRead = null)
    {
        var records = new List<JobRecord>();
        var withErrors = new List<int>();
        while (statement.Step())
        {
            if (statement.Long(21) > 0)
            {
                withErrors.Add(records.Count);
            }

            records.Add(Record(statement));
            alsoRead?.Invoke(statement);
        }

        foreach (var i in withErrors)
        {
            records[i] = records[i] with { Errors = ReadErrors(session, records[i].Id) };
        }

        return records;
    }

    private static JobRecord Record(Statement statement)
    {
        var step = StepOf(statement, statement.Id(0), StepColumn);
        return new JobRecord
        {
            Id = statement.Id(0),
            Queue = statement.Text(1),
            Kind = statement.Text(2),
            State = (JobState)statement.Int(3),
            Version = statement.Long(4),
            Priority = statement.Int(5),
            Run = statement.Int(6),
            Attempt = statement.Int(6) - statement.Int(7),
            MaxAttempts = statement.Int(8),
            TimeLimit = statement.LongOrNull(31) is { } ticks ? TimeSpan.FromTicks(ticks) : null,
            EnqueuedAt = statement.Time(9),
            DueAt = statement.TimeOrNull(10),
            ExpiresAt = statement.TimeOrNull(11),
            StartedAt = statement.TimeOrNull(12),
            FinishedAt = statement.TimeOrNull(13),
            Progress = statement.DoubleOrNull(14),
            ProgressText = statement.TextOrNull(15),
            Reason = statement.TextOrNull(16),
            CancelRequested = statement.Bool(17),
            Stuck = statement.Bool(18),
            UniqueKey = statement.TextOrNull(19),
            UniqueWhile = (UniqueWhile)statement.Int(32),
            Tags = JsonList.Read(statement.TextOrNull(20)),
            Payload = statement.Blob(22).ToArray(),
            Result = statement.IsNull(23) ? (ReadOnlyMemory<byte>?)null : statement.Blob(23).ToArray(),
            Worker = statement.TextOrNull(24),
            TraceParent = statement.TextOrNull(25),
            TraceState = statement.TextOrNull(33),
            Workflow = step?.Workflow,
            Step = step?.Name,
        };
    }

    private static List<AttemptError> ReadErrors(SqliteSession session, JobId id)
    {
        var errors = new List<AttemptError>();
        var statement = session[s_errors].Bind(1, id);
        while (statement.Step())
        {
            errors.Add(new AttemptError(statement.Int(0), statement.Int(1), statement.Time(2), statement.Text(3), statement.Text(4), statement.TextOrNull(5)));
        }

        return errors;
    }
}
