using Simmer.Storage;

namespace Simmer.Sqlite;

internal sealed partial class SqliteJobStore
{
    private static readonly Sql s_workflow =
        new("SELECT name, state, version, created_at, finished_at, cancel_requested, reason, steps FROM simmer_workflow WHERE id = ?1");

    // The highest id that a step of a workflow can have is its own with the last 24 bits set.
    private static readonly Sql s_workflowVersions = new("""
        SELECT w.id, w.version + CASE WHEN ?2 THEN
          coalesce((SELECT sum(version) FROM simmer_job WHERE id > w.id AND id <= unhex(substr(e.value, 1, 26) || 'ffffff')
              AND step IS NOT NULL), 0)
          + coalesce((SELECT sum(version) FROM simmer_history WHERE id > w.id AND id <= unhex(substr(e.value, 1, 26) || 'ffffff')
              AND step IS NOT NULL), 0) ELSE 0 END
        FROM json_each(?1) e JOIN simmer_workflow w ON w.id = unhex(e.value) WHERE w.state = 1
        """);

    private static readonly Sql s_stepStates = new("""
        SELECT state, version, progress, step FROM simmer_job WHERE id > ?1 AND id <= ?2 AND step IS NOT NULL
        UNION ALL
        SELECT state, version, progress, step FROM simmer_history WHERE id > ?1 AND id <= ?2 AND step IS NOT NULL
        """);

    private static readonly Sql s_allSteps = new($"""
        SELECT * FROM (
          SELECT {HotColumns} FROM simmer_job j {Names} WHERE j.id > ?1 AND j.id <= ?2 AND j.step IS NOT NULL
          UNION ALL
          SELECT {OldColumns} FROM simmer_history j {Names} WHERE j.id > ?1 AND j.id <= ?2 AND j.step IS NOT NULL)
        ORDER BY 1
        """);

    private static readonly Sql s_someSteps = new($"""
        SELECT * FROM (
          SELECT {HotColumns} FROM json_each(?1) e JOIN simmer_job j ON j.id = unhex(e.value) AND j.step IS NOT NULL {Names}
          UNION ALL
          SELECT {OldColumns} FROM json_each(?1) e JOIN simmer_history j ON j.id = unhex(e.value) AND j.step IS NOT NULL {Names})
        ORDER BY 1
        """);

    /// <inheritdoc/>
    public async ValueTask<WorkflowRecord?> WorkflowAsync(WorkflowId id, bool counted, CancellationToken cancellationToken) =>
        await Browse(session =>
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
                FinishedAt = Clamped(statement, 4),
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
        await Browse(session =>
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

    private static WorkflowSummary Summary(SqliteSession session, WorkflowId id)
    {
        var summary = new WorkflowSummary();
        var statement = session[s_stepStates].Bind(1, id).Bind(2, LastOf(id));
        while (statement.Step())
        {
            summary.Add(Public(statement.Int(0)), StepDraft.RoleOf(statement.Blob(3)), statement.Long(1),
                statement.DoubleOrNull(2) is { } done && double.IsFinite(done) ? done : null);
        }

        return summary;
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<StepRecord>> StepsAsync(WorkflowId id, IReadOnlyCollection<int>? numbers,
        CancellationToken cancellationToken) =>
        await Read(session =>
        {
            var statement = numbers is null
                ? session[s_allSteps].Bind(1, id).Bind(2, LastOf(id))
                : session[s_someSteps].Bind(1,
                    JsonList.Write([.. numbers.Where(static n => n > 0).Distinct().Select(n => id.Step(n).Value.ToString("N"))]) ?? "[]");
            var places = new List<(StepDraft Step, string? Branch, int FirstAdded, int Added)>();
            var records = ReadRecords(session, statement, row => places.Add(
                (StepDraft.ReadOrStandIn(row.IdOrStandIn(0), row.Blob(StepColumn)), row.TextOrNull(StepColumn + 1), row.Int(StepColumn + 2),
                    row.Int(StepColumn + 3))));
            var steps = new List<StepRecord>(records.Count);
            for (var i = 0; i < records.Count; i++)
            {
                steps.Add(new StepRecord(places[i].Step, records[i], places[i].Branch, places[i].FirstAdded, places[i].Added));
            }

            return steps;
        }, cancellationToken);
}
