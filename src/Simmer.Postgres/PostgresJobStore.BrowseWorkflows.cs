using Simmer.Storage;

namespace Simmer.Postgres;

internal sealed partial class PostgresJobStore
{
    private const string WorkflowSql =
        "SELECT name, state, version, created_at, finished_at, cancel_requested, reason, steps FROM simmer.workflow WHERE id = $1";

    private const string WorkflowVersionsSql = "SELECT id, version::bigint FROM simmer.workflow WHERE id = ANY($1) AND state = 1";

    // The highest id that a step of a workflow can have is its own with the last 24 bits set.
    private const string CountedVersionsSql = $"""
        SELECT w.id, (w.version
          + coalesce((SELECT sum({VersionWithNotes}) FROM simmer.job j {WithNotes} WHERE j.id > w.id
              AND j.id <= (left(w.id::text, 30) || 'ffffff')::uuid AND j.step IS NOT NULL), 0)
          + coalesce((SELECT sum(j.version) FROM simmer.history j WHERE j.keep_until = {KeptForEver} AND j.id > w.id
              AND j.id <= (left(w.id::text, 30) || 'ffffff')::uuid AND j.step IS NOT NULL), 0))::bigint
        FROM simmer.workflow w WHERE w.id = ANY($1) AND w.state = 1
        """;

    private const string StepStatesSql = $"""
        SELECT j.state, {VersionWithNotes}, coalesce(p.progress, j.progress), j.step FROM simmer.job j {WithNotes} WHERE j.id > $1
            AND j.id <= $2 AND j.step IS NOT NULL
        UNION ALL
        SELECT state, version, progress, step FROM simmer.history WHERE keep_until = {KeptForEver} AND id > $1 AND id <= $2
            AND step IS NOT NULL
        """;

    private static readonly string s_allSteps = $"""
        SELECT {JobColumns.Hot} FROM simmer.job j {HotJoins} WHERE j.id > $1 AND j.id <= $2 AND j.step IS NOT NULL
        UNION ALL
        SELECT {JobColumns.Old} FROM simmer.history j {WithNames} WHERE j.keep_until = {KeptForEver} AND j.id > $1 AND j.id <= $2
            AND j.step IS NOT NULL
        ORDER BY 1
        """;

    private static readonly string s_someSteps = $"""
        SELECT {JobColumns.Hot} FROM simmer.job j {HotJoins} WHERE j.id = ANY($1) AND j.step IS NOT NULL
        UNION ALL
        SELECT {JobColumns.Old} FROM simmer.history j {WithNames} WHERE j.keep_until = {KeptForEver} AND j.id = ANY($1) AND j.step IS NOT NULL
        ORDER BY 1
        """;

    /// <inheritdoc/>
    public ValueTask<WorkflowRecord?> WorkflowAsync(WorkflowId id, bool counted, CancellationToken cancellationToken) =>
        Browse(async session =>
        {
            WorkflowRecord? record = null;
            var summary = new WorkflowSummary();
            var batch = session.Batch().Add(WorkflowSql).Bind(id).Each(row => record = new WorkflowRecord
            {
                Id = id,
                Name = row.TextOrNull(0),
                State = (WorkflowState)row.GetInt16(1),
                Version = row.GetInt32(2),
                CreatedAt = DbTime.Clamped(row.GetInt64(3)),
                FinishedAt = row.IsDBNull(4) ? null : DbTime.Clamped(row.GetInt64(4)),
                CancelRequested = row.GetBoolean(5),
                Reason = row.TextOrNull(6),
                StepCount = row.GetInt32(7),
            });
            if (counted)
            {
                _ = batch.Add(StepStatesSql).Bind(id).Bind(LastOf(id))
                    .Each(row => summary.Add(Public(row.GetInt16(0)), StepDraft.RoleOf(row.Bytes(3)), row.GetInt32(1),
                    row.DoubleOrNull(2) is { } done && double.IsFinite(done) ? done : null));
            }

            await batch.RunAsync();
            return record is null || !counted
                ? record
                : record with { Version = record.Version + summary.Version, Counts = summary.Counts, Progress = summary.Progress };
        }, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<long?>> WorkflowVersionsAsync(IReadOnlyList<WorkflowId> ids, bool counted,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ids);
        return LookAt(ids, static id => id.Value, batch => batch.Add(counted ? CountedVersionsSql : WorkflowVersionsSql),
            cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StepRecord>> StepsAsync(WorkflowId id, IReadOnlyCollection<int>? numbers,
        CancellationToken cancellationToken) =>
        Read<IReadOnlyList<StepRecord>>(async session =>
        {
            var places = new List<(StepDraft Step, string? Branch, int FirstAdded, int Added)>();
            var records = await ReadRecordsAsync(session, (batch, wanted) =>
            {
                _ = wanted is null
                    ? batch.Add(s_allSteps).Bind(id).Bind(LastOf(id))
                    : batch.Add(s_someSteps).BindIds([.. wanted.Where(static n => n > 0).Distinct()], n => id.Step(n).Value);
            }, numbers, row => places
                .Add((StepDraft.ReadOrStandIn(row.Id(0), row.Bytes(JobColumns.Step.Shown)), row.TextOrNull(JobColumns.Branch.Shown),
                row.IntOrZero(JobColumns.FirstAdded.Shown), row.IntOrZero(JobColumns.Added.Shown))));
            var steps = new List<StepRecord>(records.Count);
            for (var i = 0; i < records.Count; i++)
            {
                steps.Add(new StepRecord(places[i].Step, records[i], places[i].Branch, places[i].FirstAdded, places[i].Added));
            }

            return steps;
        }, cancellationToken);
}
