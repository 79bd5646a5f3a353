using Simmer.Storage;

namespace Simmer.Sqlite;

/// <summary>Reads what is stored, for clients and the engine.</summary>
/// <param name="context">The store.</param>
internal sealed class SqliteBrowser(SqliteContext context) : IJobBrowser
{
    // One statement: two would miss a job that moves between the tables meanwhile.
    private static readonly Sql s_get = new($"""
        SELECT {JobColumns.Hot} FROM json_each(?1) e JOIN simmer_job j ON j.id = unhex(e.value) {JobRecords.Names}
        UNION ALL
        SELECT {JobColumns.Old} FROM json_each(?1) e JOIN simmer_history j ON j.id = unhex(e.value) {JobRecords.Names}
        """);

    private static readonly Sql s_versions = new("SELECT j.id, j.version FROM json_each(?1) e JOIN simmer_job j ON j.id = unhex(e.value)");

    private static readonly Sql s_count = new($"""
        SELECT q.name, c.state, sum(c.n) FROM (
          SELECT queue, CASE state WHEN {JobStates.ReadySuspect} THEN {JobStates.Ready} ELSE state END AS state, count(*) AS n
              FROM simmer_job GROUP BY 1, 2
          UNION ALL
          SELECT queue, state, count(*) FROM simmer_history GROUP BY 1, 2) c
        JOIN simmer_queue q ON q.id = c.queue
        WHERE typeof(c.state) = 'integer' AND c.state BETWEEN {JobStates.Waiting} AND {JobStates.Skipped} GROUP BY 1, 2
        """);

    // This is quick however long the queues are: at most the next 10,000 jobs of each are read (later ones were stored later, except for
    // promotions), and other jobs of a queue are not looked for.
    private static readonly Sql s_queues = new($"""
        SELECT name,
          (SELECT count(*) FROM (SELECT 1 FROM simmer_job WHERE queue = q.id AND state = {JobStates.Ready} LIMIT 10000)) + (SELECT count(*)
              FROM (SELECT 1 FROM simmer_job WHERE queue = q.id AND state = {JobStates.ReadySuspect} LIMIT 10000)),
          (SELECT min(ready_at)
              FROM (SELECT ready_at FROM simmer_job WHERE queue = q.id AND state = {JobStates.Ready}
                  ORDER BY priority DESC, seq LIMIT 10000)),
          (SELECT min(ready_at)
              FROM (SELECT ready_at FROM simmer_job WHERE queue = q.id AND state = {JobStates.ReadySuspect}
                  ORDER BY priority DESC, seq LIMIT 10000)),
          {Admission.Columns}, {DeclaredQueues.Columns}
        FROM simmer_queue q
        ORDER BY name
        """);

    private static readonly Sql s_workersSeen = new($"""
        SELECT id, name, queues, capabilities, beats, beat_at, (SELECT count(*) FROM simmer_job WHERE state = {JobStates.Running}
            AND owner = w.id), lease, slots FROM simmer_worker w ORDER BY id
        """);

    private static readonly Sql s_workflow =
        new("SELECT name, state, version, created_at, finished_at, cancel_requested, reason, steps FROM simmer_workflow WHERE id = ?1");

    // The highest id that a step of a workflow can have is its own with the last 24 bits set.
    private static readonly Sql s_workflowVersions = new($"""
        SELECT w.id, w.version + CASE WHEN ?2 THEN
          coalesce((SELECT sum(version) FROM simmer_job WHERE id > w.id AND id <= unhex(substr(e.value, 1, 26) || 'ffffff')
              AND step IS NOT NULL), 0)
          + coalesce((SELECT sum(version) FROM simmer_history WHERE id > w.id AND id <= unhex(substr(e.value, 1, 26) || 'ffffff')
              AND step IS NOT NULL), 0) ELSE 0 END
        FROM json_each(?1) e JOIN simmer_workflow w ON w.id = unhex(e.value) WHERE w.state = {WorkflowStates.Running}
        """);

    private static readonly Sql s_stepStates = new("""
        SELECT state, version, progress, step FROM simmer_job WHERE id > ?1 AND id <= ?2 AND step IS NOT NULL
        UNION ALL
        SELECT state, version, progress, step FROM simmer_history WHERE id > ?1 AND id <= ?2 AND step IS NOT NULL
        """);

    private static readonly Sql s_allSteps = new($"""
        SELECT * FROM (
          SELECT {JobColumns.Hot} FROM simmer_job j {JobRecords.Names} WHERE j.id > ?1 AND j.id <= ?2 AND j.step IS NOT NULL
          UNION ALL
          SELECT {JobColumns.Old} FROM simmer_history j {JobRecords.Names} WHERE j.id > ?1 AND j.id <= ?2 AND j.step IS NOT NULL)
        ORDER BY 1
        """);

    private static readonly Sql s_someSteps = new($"""
        SELECT * FROM (
          SELECT {JobColumns.Hot} FROM json_each(?1) e JOIN simmer_job j ON j.id = unhex(e.value) AND j.step IS NOT NULL
              {JobRecords.Names}
          UNION ALL
          SELECT {JobColumns.Old} FROM json_each(?1) e JOIN simmer_history j ON j.id = unhex(e.value) AND j.step IS NOT NULL
              {JobRecords.Names})
        ORDER BY 1
        """);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<JobRecord?>> GetAsync(IReadOnlyList<JobId> ids, CancellationToken cancellationToken) =>
        await context.Browse(session =>
        {
            var found = new Dictionary<JobId, JobRecord>(ids.Count);
            foreach (var record in JobRecords.Read(session,
                session[s_get].Bind(1, JsonList.Write([.. ids.Distinct().Select(static id => id.Value.ToString("N"))]))))
            {
                // The hot row comes first and counts, if both are there.
                _ = found.TryAdd(record.Id, record);
            }

            return StoreRules.Each(ids, id => found.GetValueOrDefault(id));
        }, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<long?>> VersionsAsync(IReadOnlyList<JobId> ids, CancellationToken cancellationToken) =>
        await context.Browse(session =>
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
        return await context.Browse(session =>
        {
            using var statement = JobList.Jobs(session, query);
            return JobRecords.Read(session, statement);
        }, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<JobId>> FindAsync(JobQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        return await context.Browse(session =>
        {
            var ids = new List<JobId>();
            using var statement = JobList.Ids(session, query);
            while (statement.Step())
            {
                ids.Add(statement.IdOrStandIn(0));
            }

            return ids;
        }, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<JobCount>> CountAsync(CancellationToken cancellationToken) =>
        await context.Browse(session =>
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
        await context.Browse(session =>
        {
            var queues = new List<QueueRecord>();
            var statement = session[s_queues];
            while (statement.Step())
            {
                var (oldest, oldestSuspect) = (statement.ClampedOrNull(2), statement.ClampedOrNull(3));
                var pause = Admission.Read(statement, 4);
                queues.Add(new QueueRecord(statement.Text(0), pause is not null, Math.Min(statement.Long(1), QueueRecord.CountedUpTo),
                    oldest < oldestSuspect ? oldest : oldestSuspect ?? oldest)
                {
                    Pause = pause,
                    Declared = DeclaredQueues.Read(statement, statement.Text(0), 4 + Admission.ColumnCount),
                });
            }

            return queues;
        }, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<WorkerRecord>> WorkersAsync(DateTimeOffset now, CancellationToken cancellationToken) =>
        await context.Browse(session =>
        {
            var workers = new List<WorkerRecord>();
            var at = context.LeaseTime(session, now);
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

    /// <inheritdoc/>
    public async ValueTask<WorkflowRecord?> WorkflowAsync(WorkflowId id, bool counted, CancellationToken cancellationToken) =>
        await context.Browse(session =>
        {
            var statement = session[s_workflow].Bind(1, id);
            if (!statement.Step())
            {
                return null;
            }

            var record = new WorkflowRecord
            {
                Id = id,
                Name = statement.TextOrNull(0),
                State = (WorkflowState)statement.Int(1),
                Version = statement.Long(2),
                CreatedAt = DbTime.Clamped(statement.Long(3)),
                FinishedAt = statement.ClampedOrNull(4),
                CancelRequested = statement.Bool(5),
                Reason = statement.TextOrNull(6),
                StepCount = statement.Int(7),
            };
            statement.Reset();
            if (!counted)
            {
                return record;
            }

            var summary = Summary(session, id);
            return record with { Version = record.Version + summary.Version, Counts = summary.Counts, Progress = summary.Progress };
        }, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<long?>> WorkflowVersionsAsync(IReadOnlyList<WorkflowId> ids, bool counted,
        CancellationToken cancellationToken) =>
        await context.Browse(session =>
        {
            var found = new Dictionary<Guid, long>(ids.Count);
            var statement = session[s_workflowVersions].Bind(1, JsonList.Write([.. ids.Select(static id => id.Value.ToString("N"))]))
                .Bind(2, counted);
            while (statement.Step())
            {
                found[statement.Id(0).Value] = statement.Long(1);
            }

            return StoreRules.Each(ids, id => found.TryGetValue(id.Value, out var version) ? version : (long?)null);
        }, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<StepSnapshot>> StepsAsync(WorkflowId id, IReadOnlyCollection<int>? numbers,
        CancellationToken cancellationToken) =>
        await context.Read(session =>
        {
            var statement = numbers is null
                ? session[s_allSteps].Bind(1, id).Bind(2, WorkflowLookup.LastStepOf(id))
                : session[s_someSteps].Bind(1,
                    JsonList.Write([.. numbers.Where(static n => n > 0).Distinct().Select(n => id.Step(n).Value.ToString("N"))]) ?? "[]");
            var places = new List<(StepDraft Step, string? Branch, int FirstAdded, int Added)>();
            var records = JobRecords.Read(session, statement, row => places.Add(
                (StepDraft.ReadOrStandIn(row.IdOrStandIn(JobColumns.Id.Shown), row.Blob(JobColumns.Step.Shown)),
                    row.TextOrNull(JobColumns.Branch.Shown), row.Int(JobColumns.FirstAdded.Shown), row.Int(JobColumns.Added.Shown))));
            var steps = new List<StepSnapshot>(records.Count);
            for (var i = 0; i < records.Count; i++)
            {
                steps.Add(new StepSnapshot(places[i].Step, records[i], places[i].Branch, places[i].FirstAdded, places[i].Added));
            }

            return steps;
        }, cancellationToken);

    private static WorkflowSummary Summary(SqliteSession session, WorkflowId id)
    {
        var summary = new WorkflowSummary();
        var statement = session[s_stepStates].Bind(1, id).Bind(2, WorkflowLookup.LastStepOf(id));
        while (statement.Step())
        {
            summary.Add(JobStates.Of(statement.Int(0)), StepDraft.RoleOf(statement.Blob(3)), statement.Long(1),
                statement.DoubleOrNull(2) is { } done && double.IsFinite(done) ? done : null);
        }

        return summary;
    }
}
