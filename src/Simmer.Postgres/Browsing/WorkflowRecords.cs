using Simmer.Storage;

namespace Simmer.Postgres;

/// <summary>Reads workflows and their steps as they are shown.</summary>
internal static class WorkflowRecords
{
    private const string WorkflowSql =
        "SELECT name, state, version, created_at, finished_at, cancel_requested, reason, steps FROM simmer.workflow WHERE id = $1";

    private const string VersionsSql =
        $"SELECT id, version::bigint FROM simmer.workflow WHERE id = ANY($1) AND state = {WorkflowStates.Running}";

    // The highest id that a step of a workflow can have is its own with the last 24 bits set.
    private const string CountedVersionsSql = $"""
        SELECT w.id, (w.version
          + coalesce((SELECT sum({ProgressRows.Version}) FROM simmer.job j {ProgressRows.Join} WHERE j.id > w.id
              AND j.id <= (left(w.id::text, 30) || 'ffffff')::uuid AND j.step IS NOT NULL), 0)
          + coalesce((SELECT sum(j.version) FROM simmer.history j WHERE j.keep_until = {StoredSteps.KeptForEver} AND j.id > w.id
              AND j.id <= (left(w.id::text, 30) || 'ffffff')::uuid AND j.step IS NOT NULL), 0))::bigint
        FROM simmer.workflow w WHERE w.id = ANY($1) AND w.state = {WorkflowStates.Running}
        """;

    private const string StepStatesSql = $"""
        SELECT j.state, {ProgressRows.Version}, coalesce(p.progress, j.progress), j.step FROM simmer.job j {ProgressRows.Join}
            WHERE j.id > $1 AND j.id <= $2 AND j.step IS NOT NULL
        UNION ALL
        SELECT state, version, progress, step FROM simmer.history WHERE keep_until = {StoredSteps.KeptForEver} AND id > $1 AND id <= $2
            AND step IS NOT NULL
        """;

    private static readonly string s_allSteps = $"""
        SELECT {JobColumns.Hot} FROM simmer.job j {JobRecords.HotJoins} WHERE j.id > $1 AND j.id <= $2 AND j.step IS NOT NULL
        UNION ALL
        SELECT {JobColumns.Old} FROM simmer.history j {JobRecords.OldJoins} WHERE j.keep_until = {StoredSteps.KeptForEver} AND j.id > $1
            AND j.id <= $2 AND j.step IS NOT NULL
        ORDER BY 1
        """;

    private static readonly string s_someSteps = $"""
        SELECT {JobColumns.Hot} FROM simmer.job j {JobRecords.HotJoins} WHERE j.id = ANY($1) AND j.step IS NOT NULL
        UNION ALL
        SELECT {JobColumns.Old} FROM simmer.history j {JobRecords.OldJoins} WHERE j.keep_until = {StoredSteps.KeptForEver}
            AND j.id = ANY($1) AND j.step IS NOT NULL
        ORDER BY 1
        """;

    /// <summary>Reads a workflow.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="id">The workflow.</param>
    /// <param name="counted">Whether its steps are counted, and count for its version.</param>
    /// <returns>The workflow; null: there is none.</returns>
    public static async Task<WorkflowRecord?> ReadAsync(Session session, WorkflowId id, bool counted)
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
            _ = batch.Add(StepStatesSql).Bind(id).Bind(StoredSteps.LastOf(id))
                .Each(row => summary.Add(JobStates.Of(row.GetInt16(0)), StepDraft.RoleOf(row.Bytes(3)), row.GetInt32(1),
                row.DoubleOrNull(2) is { } done && double.IsFinite(done) ? done : null));
        }

        await batch.RunAsync();
        return record is null || !counted
            ? record
            : record with { Version = record.Version + summary.Version, Counts = summary.Counts, Progress = summary.Progress };
    }

    /// <summary>Adds the statement that gives the versions of workflows that run.</summary>
    public static SqlBatch AskVersions(SqlBatch batch, bool counted) => batch.Add(counted ? CountedVersionsSql : VersionsSql);

    /// <summary>Reads steps of a workflow.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="id">The workflow.</param>
    /// <param name="numbers">Their numbers; null: all.</param>
    public static async Task<IReadOnlyList<StepSnapshot>> ReadStepsAsync(Session session, WorkflowId id, IReadOnlyCollection<int>? numbers)
    {
        var places = new List<(StepDraft Step, string? Branch, int FirstAdded, int Added)>();
        var records = await JobRecords.ReadAsync(session, (batch, wanted) =>
        {
            _ = wanted is null
                ? batch.Add(s_allSteps).Bind(id).Bind(StoredSteps.LastOf(id))
                : batch.Add(s_someSteps).BindIds([.. wanted.Where(static n => n > 0).Distinct()], n => id.Step(n).Value);
        }, numbers, row => places
            .Add((StepDraft.ReadOrStandIn(row.Id(0), row.Bytes(JobColumns.Step.Shown)), row.TextOrNull(JobColumns.Branch.Shown),
            row.IntOrZero(JobColumns.FirstAdded.Shown), row.IntOrZero(JobColumns.Added.Shown))));
        var steps = new List<StepSnapshot>(records.Count);
        for (var i = 0; i < records.Count; i++)
        {
            steps.Add(new StepSnapshot(places[i].Step, records[i], places[i].Branch, places[i].FirstAdded, places[i].Added));
        }

        return steps;
    }
}
