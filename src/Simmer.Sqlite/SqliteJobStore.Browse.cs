using System.Globalization;
using System.Text;
using Simmer.Storage;

namespace Simmer.Sqlite;

internal sealed partial class SqliteJobStore
{
    private const string HotColumns = """
        j.id, coalesce(q.name, '(queue ' || j.queue || ')'), coalesce(k.name, '(kind ' || j.kind || ')'), CASE j.state WHEN 9 THEN 3
            ELSE j.state END, j.version, j.priority, j.run, j.forgiven, j.max_attempts, j.enqueued_at,
        CASE j.state WHEN 2 THEN j.due_at END, j.expires_at, j.started_at, NULL, j.progress, j.progress_text,
            NULL, j.cancel_requested, j.stuck, j.unique_key,
        j.tags, j.errors, j.payload, NULL, (SELECT w.name FROM simmer_worker w WHERE w.id = j.owner), j.trace_parent, 0 AS old,
        j.step, NULL AS branch, 0 AS first_added, 0 AS added, j.time_limit, j.held_while, j.trace_state, q.id IS NOT NULL
            AND k.id IS NOT NULL AS named
        """;

    private const string OldColumns = """
        j.id, coalesce(q.name, '(queue ' || j.queue || ')'), coalesce(k.name, '(kind ' || j.kind || ')'), j.state, j.version, j.priority,
            j.run, j.forgiven, j.max_attempts, j.enqueued_at,
        NULL, j.expires_at, j.started_at, j.finished_at, j.progress, j.progress_text, j.reason, 0, 0, j.unique_key,
        j.tags, j.errors, j.payload, j.result, NULL, j.trace_parent, 1 AS old,
        j.step, j.branch, j.first_added, j.added, j.time_limit, j.held_while, j.trace_state, q.id IS NOT NULL AND k.id IS NOT NULL
        """;

    private const int StepColumn = 27;

    // A row whose queue or kind has no name any more is still shown.
    private const string Names = "LEFT JOIN simmer_queue q ON q.id = j.queue LEFT JOIN simmer_kind k ON k.id = j.kind";

    // One statement: two would miss a job that moves between the tables meanwhile.
    private static readonly Sql s_get = new($"""
        SELECT {HotColumns} FROM json_each(?1) e JOIN simmer_job j ON j.id = unhex(e.value) {Names}
        UNION ALL
        SELECT {OldColumns} FROM json_each(?1) e JOIN simmer_history j ON j.id = unhex(e.value) {Names}
        """);

    private static readonly Sql s_versions = new("SELECT j.id, j.version FROM json_each(?1) e JOIN simmer_job j ON j.id = unhex(e.value)");

    private static readonly Sql s_errors =
        new("SELECT run, attempt, at, type, message, detail FROM simmer_error WHERE job = ?1 ORDER BY n");

    private static readonly Sql s_count = new("""
        SELECT q.name, c.state, sum(c.n) FROM (
          SELECT queue, CASE state WHEN 9 THEN 3 ELSE state END AS state, count(*) AS n FROM simmer_job GROUP BY 1, 2
          UNION ALL
          SELECT queue, state, count(*) FROM simmer_history GROUP BY 1, 2) c
        JOIN simmer_queue q ON q.id = c.queue WHERE typeof(c.state) = 'integer' AND c.state BETWEEN 1 AND 8 GROUP BY 1, 2
        """);

    // However long the queues are, this is short: no more than the next 10,000 are looked at (the rest came later but for promotions), and
    // whether a queue holds anything else is not asked.
    private static readonly Sql s_queues = new("""
        SELECT name, paused,
          (SELECT count(*) FROM (SELECT 1 FROM simmer_job WHERE queue = q.id AND state = 3 LIMIT 10000)) + (SELECT count(*)
              FROM (SELECT 1 FROM simmer_job WHERE queue = q.id AND state = 9 LIMIT 10000)),
          (SELECT min(ready_at)
              FROM (SELECT ready_at FROM simmer_job WHERE queue = q.id AND state = 3 ORDER BY priority DESC, seq LIMIT 10000)),
          (SELECT min(ready_at)
              FROM (SELECT ready_at FROM simmer_job WHERE queue = q.id AND state = 9 ORDER BY priority DESC, seq LIMIT 10000)),
          paused_reason, paused_by, paused_at, keep_succeeded, keep_failed, declared_by
        FROM simmer_queue q
        ORDER BY name
        """);

    private static readonly Sql s_workersSeen = new("""
        SELECT id, name, queues, capabilities, beats, beat_at, (SELECT count(*) FROM simmer_job WHERE state = 4
            AND owner = w.id), lease, slots FROM simmer_worker w ORDER BY id
        """);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<JobRecord?>> GetAsync(IReadOnlyList<JobId> ids, CancellationToken cancellationToken) =>
        await Browse(session =>
        {
            var found = new Dictionary<JobId, JobRecord>(ids.Count);
            foreach (var record in ReadRecords(session,
                session[s_get].Bind(1, JsonList.Write([.. ids.Distinct().Select(static id => id.Value.ToString("N"))]))))
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
                var (oldest, oldestSuspect) = (Clamped(statement, 3), Clamped(statement, 4));
                queues.Add(new QueueRecord(statement.Text(0), statement.Bool(1), Math.Min(statement.Long(2), QueueRecord.CountedUpTo),
                    oldest < oldestSuspect ? oldest : oldestSuspect ?? oldest)
                {
                    Pause = statement.Bool(1)
                        ? new QueuePause(statement.TextOrNull(5), statement.TextOrNull(6), Clamped(statement, 7))
                        : null,
                    Declared = ReadDeclared(statement, statement.Text(0), 8),
                });
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
                var info = new WorkerInfo(statement.Text(1), JsonList.ReadOrNothing(statement.TextOrNull(2)),
                    JsonList.ReadOrNothing(statement.TextOrNull(3)))
                {
                    Lease = WorkerNumbers.Lease(statement.LongOrNull(7)),
                    Slots = WorkerNumbers.Slots(statement.LongOrNull(8)),
                };
                workers.Add(new WorkerRecord(new WorkerId(statement.Long(0)), info, statement.Long(4),
                    WorkerNumbers.BeatAge(statement.Long(5), at), statement.Int(6)));
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
        _ = query.Tag is null
            ? text
            : text.Append(" AND CASE WHEN json_valid(j.tags) THEN EXISTS(SELECT 1 FROM json_each(j.tags) t WHERE t.value = ?3) END");
        _ = query.State is not { } wanted
            ? text
            : text.Append(" AND ").Append(state ?? string.Create(CultureInfo.InvariantCulture, $"j.state = {(int)wanted}"));
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

    private static DateTimeOffset? Clamped(Statement statement, int column) =>
        statement.LongOrNull(column) is { } ticks ? DbTime.Clamped(ticks) : null;

    /// <summary>A row as it is shown. What cannot be read has a stand-in, and the reason says so: whoever asks for a job gets an answer,
    /// and a list is not lost for one row.</summary>
    private static JobRecord Record(Statement row)
    {
        var id = row.IdOrStandIn(0);
        var problems = new RowProblems();
        _ = problems.Read("id", () => row.Id(0), default);
        if (!row.Bool(StepColumn + 7))
        {
            problems.Add("queue or kind", "its number has no name");
        }

        var step = problems.Read("step", () => StepOf(row, id, StepColumn), null);
        var record = new JobRecord
        {
            Id = id,
            Queue = row.Text(1),
            Kind = row.Text(2),
            State = problems.Read("state", () => RowProblems.State(row.Whole(3)), JobState.Unknown),
            Version = row.Long(4),
            Priority = problems.Read("priority", () => row.WholeInt(5), 0),
            Run = problems.Read("run", () => RowProblems.Count(row.Whole(6)), 0),
            Attempt = problems.Read("forgiven", () => Math.Max(0, RowProblems.Count(row.Whole(6)) - RowProblems.Count(row.Whole(7))), 0),
            MaxAttempts = problems.Read("max_attempts", () => row.WholeInt(8), 0),
            TimeLimit = problems.Read("time_limit", () => RowProblems.TimeLimit(row.WholeOrNull(31)), null),
            EnqueuedAt = problems.Read("enqueued_at", () => DbTime.From(row.Whole(9)), DateTimeOffset.UnixEpoch),
            DueAt = problems.Read("due_at", () => WholeTime(row, 10), null),
            ExpiresAt = problems.Read("expires_at", () => WholeTime(row, 11), null),
            StartedAt = problems.Read("started_at", () => WholeTime(row, 12), null),
            FinishedAt = problems.Read("finished_at", () => WholeTime(row, 13), null),
            Progress = problems.Read("progress", () => RowProblems.Fraction(row.DoubleOrNull(14)), null),
            ProgressText = row.TextOrNull(15),
            Reason = row.TextOrNull(16),
            CancelRequested = row.Bool(17),
            Stuck = row.Bool(18),
            UniqueKey = row.TextOrNull(19),
            UniqueWhile = problems.Read("held_while", () => (UniqueWhile)row.WholeInt(32), UniqueWhile.Unfinished),
            Tags = problems.Read("tags", () => JsonList.Read(row.TextOrNull(20)), []),
            Payload = row.Blob(22).ToArray(),
            Result = row.IsNull(23) ? (ReadOnlyMemory<byte>?)null : row.Blob(23).ToArray(),
            Worker = row.TextOrNull(24),
            TraceParent = row.TextOrNull(25),
            TraceState = row.TextOrNull(33),
            Workflow = step?.Workflow,
            Step = step?.Name,
        };
        return problems.Text is { } why ? record with { Reason = record.Reason is { } reason ? $"{reason} ({why})" : why } : record;
    }

    private static DateTimeOffset? WholeTime(Statement row, int column) => row.WholeOrNull(column) is { } ticks ? DbTime.From(ticks) : null;

    private static List<AttemptError> ReadErrors(SqliteSession session, JobId id)
    {
        var errors = new List<AttemptError>();
        var statement = session[s_errors].Bind(1, id);
        while (statement.Step())
        {
            errors.Add(new AttemptError(statement.Int(0), statement.Int(1), DbTime.Clamped(statement.Long(2)), statement.Text(3),
                statement.Text(4), statement.TextOrNull(5)));
        }

        return errors;
    }
}
