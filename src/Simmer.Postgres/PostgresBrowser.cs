using Simmer.Storage;

namespace Simmer.Postgres;

/// <summary>Shows jobs, queues, workers and workflows to clients and operators: whatever is read here is read in one snapshot, and behind
/// what the engine reads.</summary>
/// <param name="context">What the rooms share.</param>
/// <param name="transactions">Reads.</param>
/// <param name="reads">The connection of what is only read.</param>
internal sealed class PostgresBrowser(PostgresContext context, StoreTransactions transactions, StoreConnection reads) : IJobBrowser
{
    // One statement: two would miss a job that moves between the tables meanwhile.
    private static readonly string s_get = $"""
        SELECT {JobColumns.Hot} FROM simmer.job j {JobRecords.HotJoins} WHERE j.id = ANY($1)
        UNION ALL
        SELECT {JobColumns.Old} FROM simmer.history j {JobRecords.OldJoins} WHERE j.id = ANY($1)
        """;

    private const string VersionsSql =
        $"SELECT j.id, ({ProgressRows.Version})::bigint FROM simmer.job j {ProgressRows.Join} WHERE j.id = ANY($1)";

    private const string CountSql = $"""
        SELECT q.name, c.state, sum(c.n)::bigint FROM (
          SELECT queue, CASE state WHEN {JobStates.ReadySuspect} THEN {JobStates.Ready} ELSE state END AS state, count(*) AS n
              FROM simmer.job GROUP BY 1, 2
          UNION ALL
          SELECT queue, state, count(*) FROM simmer.history GROUP BY 1, 2) c
        JOIN simmer.queue q ON q.id = c.queue WHERE c.state BETWEEN {JobStates.Waiting} AND {JobStates.Skipped} GROUP BY 1, 2
        """;

    // However long the queues are, this is short: no more than the next 10,000 are looked at (the rest came later but for promotions), and
    // whether a queue holds anything else is not asked.
    private const string QueuesSql = $"""
        SELECT q.name, r.n + s.n, least(r.oldest, s.oldest), {Admission.Columns}, q.keep_succeeded, q.keep_failed, q.declared_by
        FROM simmer.queue q
        CROSS JOIN LATERAL (SELECT count(*) AS n, min(ready_at) AS oldest
            FROM (SELECT j.ready_at FROM simmer.job j WHERE j.queue = q.id AND j.state = {JobStates.Ready} ORDER BY j.rank, j.seq
                LIMIT 10000) j) r
        CROSS JOIN LATERAL (SELECT count(*) AS n, min(ready_at) AS oldest
            FROM (SELECT j.ready_at FROM simmer.job j WHERE j.queue = q.id AND j.state = {JobStates.ReadySuspect} ORDER BY j.rank, j.seq
                LIMIT 10000) j) s
        ORDER BY q.name
        """;

    private static readonly string s_workersSeen = $"""
        SELECT w.id, w.name, w.queues, w.capabilities, w.beats, {StoreTime.LeaseClockSql(1)}, coalesce(r.running, 0)::int, w.lease, w.slots,
            w.beat_at
        FROM simmer.worker w
        LEFT JOIN (SELECT owner, count(*) AS running FROM simmer.job WHERE state = {JobStates.Running} GROUP BY owner) r
            ON r.owner = w.id ORDER BY w.id
        """;

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<JobRecord?>> GetAsync(IReadOnlyList<JobId> ids, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ids);
        return transactions.BrowseAsync<IReadOnlyList<JobRecord?>>(async session =>
        {
            var found = new Dictionary<JobId, JobRecord>(ids.Count);
            foreach (var record in await JobRecords.ReadAsync(session,
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
        return VersionsAsync(ids, static id => id.Value, static batch => batch.Add(VersionsSql), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<JobRecord>> ListAsync(JobQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        return transactions.BrowseAsync<IReadOnlyList<JobRecord>>(async session => await JobRecords.ReadAsync(session, JobList.Ask, query),
            cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<JobId>> FindAsync(JobQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        return transactions.BrowseAsync<IReadOnlyList<JobId>>(async session =>
        {
            var ids = new List<JobId>();
            var batch = session.Batch();
            JobList.AskIds(batch, query);
            await batch.Each(row => ids.Add(row.Id(0))).RunAsync();
            return ids;
        }, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<JobCount>> CountAsync(CancellationToken cancellationToken) =>
        transactions.BrowseAsync<IReadOnlyList<JobCount>>(async session =>
        {
            var counts = new List<JobCount>();
            await session.Batch().Add(CountSql)
                .Each(row => counts.Add(new JobCount(row.GetString(0), (JobState)row.GetInt32(1), row.GetInt64(2)))).RunAsync();
            return counts;
        }, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<QueueRecord>> QueuesAsync(CancellationToken cancellationToken) =>
        transactions.BrowseAsync<IReadOnlyList<QueueRecord>>(async session =>
        {
            var queues = new List<QueueRecord>();
            await session.Batch().Add(QueuesSql).Each(row =>
            {
                var pause = Admission.Read(row, 3);
                queues.Add(new QueueRecord(row.GetString(0), pause is not null, Math.Min(row.GetInt64(1), QueueRecord.CountedUpTo),
                    row.ClampedOrNull(2))
                {
                    Pause = pause,
                    Declared = DeclaredQueues.Read(row, row.GetString(0), 3 + Admission.ColumnCount),
                });
            }).RunAsync();
            return queues;
        }, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<WorkerRecord>> WorkersAsync(DateTimeOffset now, CancellationToken cancellationToken) =>
        transactions.BrowseAsync<IReadOnlyList<WorkerRecord>>(async session =>
        {
            var workers = new List<WorkerRecord>();
            await session.Batch().Add(s_workersSeen).Bind(context.Time.LeaseTime(now)).Each(row =>
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

    /// <inheritdoc/>
    public ValueTask<WorkflowRecord?> WorkflowAsync(WorkflowId id, bool counted, CancellationToken cancellationToken) =>
        transactions.BrowseAsync(session => WorkflowRecords.ReadAsync(session, id, counted), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<long?>> WorkflowVersionsAsync(IReadOnlyList<WorkflowId> ids, bool counted,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ids);
        return VersionsAsync(ids, static id => id.Value, batch => WorkflowRecords.AskVersions(batch, counted), cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>The engine asks as well, for what is given to a step.</remarks>
    public ValueTask<IReadOnlyList<StepSnapshot>> StepsAsync(WorkflowId id, IReadOnlyCollection<int>? numbers,
        CancellationToken cancellationToken) =>
        transactions.ReadAsync(session => WorkflowRecords.ReadStepsAsync(session, id, numbers), cancellationToken);

    /// <summary>A version each of those that a statement finds; it is one statement, so there is nothing to begin and to commit.</summary>
    private async ValueTask<IReadOnlyList<long?>> VersionsAsync<TId>(IReadOnlyList<TId> ids, Func<TId, Guid> value, Action<SqlBatch> ask,
        CancellationToken cancellationToken)
    {
        context.State.ThrowIfNotOpen();
        var found = new Dictionary<Guid, long>(ids.Count);
        _ = await reads.RunBehindAsync(async connection =>
        {
            var batch = context.SessionOn(connection).Batch();
            ask(batch);
            await batch.BindIds(ids, value).Each(row => found[row.Id(0).Value] = row.GetInt64(1)).RunAsync();
            return true;
        }, cancellationToken);
        return StoreRules.Each(ids, id => found.TryGetValue(value(id), out var version) ? version : (long?)null);
    }
}
