using System.Globalization;
using Simmer.Storage;

namespace Simmer.Postgres;

/// <summary>The rows of steps, gates and workflows that follow from the ends of a transaction: fetched together, and written
/// together.</summary>
internal sealed class FollowedRows
{
    private const string LockSql =
        "SELECT id, steps, cancel_requested, state FROM simmer.workflow WHERE id = ANY($1) ORDER BY id FOR UPDATE";
    private const string HotSql =
        "SELECT j.id, j.queue, j.rank, j.seq, j.state, j.pending, j.outcomes, j.step FROM simmer.job j WHERE j.id = ANY($1) AND j.step "
            + "IS NOT NULL";
    private const string EndedSql =
        $"SELECT {EndedStep.Columns} FROM simmer.history j WHERE j.keep_until = {StoredSteps.KeptForEver} AND j.id = ANY($1) AND "
            + "j.step IS NOT NULL";
    private const string GatesSql =
        "SELECT g.workflow, g.n, g.pending, g.outcomes, g.next FROM simmer.gate g JOIN unnest($1::uuid[], $2::int[]) AS t(workflow, n) "
            + "ON g.workflow = ANY(ARRAY[t.workflow]) AND g.n = t.n";
    private const string EndsSql = "SELECT id, pending, outcomes, state FROM simmer.workflow WHERE id = ANY($1)";

    // Every run so far is forgiven, and the expiry does not count any more, because an operator wants it to run now.
    private static readonly string s_reopen = $"""
        WITH old AS (DELETE FROM simmer.history WHERE keep_until = {StoredSteps.KeptForEver} AND id = ANY($1) RETURNING *)
        INSERT INTO simmer.job({JobColumns.Reopened}, state, step, pending, outcomes)
        SELECT {JobColumns.ReopenedValues}, {JobStates.Waiting}, step, pending, outcomes FROM old
        """;

    private const string TallySql = """
        UPDATE simmer.job j SET pending = c.pending, outcomes = c.outcomes
            FROM unnest($1::uuid[], $2::int[], $3::bigint[]) AS c(id, pending, outcomes) WHERE j.id = ANY(ARRAY[c.id])
        """;

    private const string ReleaseSql = $"""
        UPDATE simmer.job j SET state = CASE WHEN c.due IS NULL THEN {JobStates.Ready} ELSE {JobStates.Scheduled} END, due_at = c.due,
            ready_at = CASE WHEN c.due IS NULL THEN $3 END, version = j.version + 1
        FROM unnest($1::uuid[], $2::bigint[]) AS c(id, due) WHERE j.id = ANY(ARRAY[c.id]) RETURNING j.queue, j.rank, j.seq, j.state
        """;

    private const string EndedTallySql = $"""
        UPDATE simmer.history j SET pending = c.pending, outcomes = c.outcomes
            FROM unnest($1::uuid[], $2::int[], $3::bigint[]) AS c(id, pending, outcomes)
        WHERE j.keep_until = {StoredSteps.KeptForEver} AND j.id = ANY(ARRAY[c.id])
        """;

    private const string GateTallySql = """
        UPDATE simmer.gate g SET pending = c.pending, outcomes = c.outcomes
            FROM unnest($1::uuid[], $2::int[], $3::int[], $4::bigint[]) AS c(workflow, n, pending, outcomes)
        WHERE g.workflow = ANY(ARRAY[c.workflow]) AND g.n = c.n
        """;

    // All steps are final when it ends, so all of them are in the history.
    private const string EndTallySql = $"""
        UPDATE simmer.workflow w SET pending = c.pending, outcomes = c.outcomes,
          state = CASE WHEN c.turns = 0 THEN w.state WHEN c.pending > 0 THEN {WorkflowStates.Running}
            ELSE CASE c.worst WHEN {JobStates.Failed} THEN {WorkflowStates.Failed} WHEN {JobStates.Cancelled}
                THEN {WorkflowStates.Cancelled} ELSE {WorkflowStates.Succeeded} END END,
          finished_at = CASE WHEN c.turns = 0 THEN w.finished_at WHEN c.pending > 0 THEN NULL ELSE $5 END,
          keep_until = CASE WHEN c.turns = 0 THEN w.keep_until WHEN c.pending > 0 THEN NULL
            ELSE least({StoredSteps.KeptForEver}, $5::numeric + CASE WHEN c.worst IS NULL THEN w.keep_succeeded
                ELSE w.keep_failed END)::bigint END,
          version = w.version + c.turns
        FROM (SELECT t.*, CASE WHEN t.turns > 0 AND t.pending = 0 THEN
                (SELECT min(h.state) FROM simmer.history h WHERE h.keep_until = {StoredSteps.KeptForEver} AND h.id > t.id
                    AND h.id <= t.last AND h.state IN {JobStates.Retryable}) END AS worst
              FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::bigint[], $6::int[]) AS t(id, last, pending, outcomes, turns)) c
        WHERE w.id = ANY(ARRAY[c.id])
        """;

    private const string StepsOfSql = $"""
        SELECT id, state, pending, outcomes, step FROM simmer.job WHERE id > $1 AND id <= $2 AND step IS NOT NULL
        UNION ALL
        SELECT id, state, pending, outcomes, step FROM simmer.history WHERE keep_until = {StoredSteps.KeptForEver} AND id > $1
            AND id <= $2 AND step IS NOT NULL
        """;

    private const string GatesOfSql = "SELECT n, pending, outcomes, next FROM simmer.gate WHERE workflow = $1";
    private const string EndOfSql = "SELECT pending FROM simmer.workflow WHERE id = $1";

    private readonly Dictionary<JobId, StepRow?> _steps = [];
    private readonly Dictionary<(WorkflowId, int), GateRow?> _gates = [];
    private readonly Dictionary<WorkflowId, EndRow?> _ends = [];

    /// <summary>Locks workflows for this transaction, all in one order.</summary>
    /// <param name="batch">Takes the statement.</param>
    /// <param name="workflows">The workflows.</param>
    /// <param name="each">Told of each that is locked.</param>
    /// <param name="skipLocked">Whether those that another transaction holds are left out.</param>
    public static void Lock(SqlBatch batch, IReadOnlyCollection<WorkflowId> workflows, Action<LockedWorkflow> each,
        bool skipLocked = false) => batch
        .Add(skipLocked ? LockSql + " SKIP LOCKED" : LockSql).BindIds([.. workflows.Distinct()], static w => w.Value)
        .Each(row =>
            each(new LockedWorkflow(WorkflowId.OfStep(row.Id(0)), row.GetInt32(1), row.GetBoolean(2), (WorkflowState)row.GetInt16(3))));

    /// <summary>A step that was fetched; null: its row is not there.</summary>
    public StepRow? Step(JobId id) => _steps[id];

    /// <summary>A gate that was fetched; null: its row is not there.</summary>
    public GateRow? Gate(WorkflowId workflow, int number) => _gates[(workflow, number)];

    /// <summary>The end of a workflow that was fetched; null: its row is not there.</summary>
    public EndRow? End(WorkflowId workflow) => _ends[workflow];

    /// <summary>Puts a step in that was read otherwise.</summary>
    public void Put(StepRow row) => _steps[row.Id] = row;

    /// <summary>Whether what a number of the ledger stands for was fetched: 0 is the end of the workflow, below it are gates.</summary>
    public bool IsFetched(WorkflowId workflow, int number) =>
        number == 0 ? _ends.ContainsKey(workflow)
        : number < 0 ? _gates.ContainsKey((workflow, number))
        : _steps.ContainsKey(workflow.Step(number));

    /// <summary>Fetches what waits in a ledger and was not fetched yet.</summary>
    public async Task FetchAsync(Session session, StepLedger ledger)
    {
        var steps = new HashSet<JobId>();
        var gates = new HashSet<(WorkflowId Workflow, int Number)>();
        var ends = new HashSet<WorkflowId>();
        foreach (var (workflow, number) in ledger.Waiting)
        {
            if (!IsFetched(workflow, number))
            {
                _ = number == 0 ? ends.Add(workflow) : number < 0 ? gates.Add((workflow, number)) : steps.Add(workflow.Step(number));
            }
        }

        var batch = session.Batch();
        FetchSteps(batch, [.. steps]);
        FetchGates(batch, [.. gates]);
        FetchEnds(batch, [.. ends]);
        await batch.RunAsync();
    }

    /// <summary>Finds the steps that wait for links of a workflow which cannot be read. Everything else is reported and written.</summary>
    public static async Task<LostLinks> FindLostAsync(Session session, WorkflowId workflow)
    {
        var lost = new LostLinks();
        await session.Batch()
            .Add(StepsOfSql).Bind(workflow).Bind(StoredSteps.LastOf(workflow))
            .Each(row => lost.Add(StepDraft.ReadOrStandIn(row.Id(0), row.Bytes(4)), JobStates.Of(row.GetInt16(1)),
                StepTally.Of(row.IntOrZero(2), row.LongOrZero(3))))
            .Add(GatesOfSql).Bind(workflow)
            .Each(row => lost.Add(row.GetInt32(0), StepTally.Of(row.GetInt32(1), row.GetInt64(2)),
                GateDraft.ReadNextOrLost(row.Bytes(3))))
            .Add(EndOfSql).Bind(workflow).Each(row => lost.AddEnd(row.GetInt32(0)))
            .RunAsync();
        return lost;
    }

    private void FetchSteps(SqlBatch batch, JobId[] steps)
    {
        if (steps.Length == 0)
        {
            return;
        }

        foreach (var id in steps)
        {
            _steps[id] = null;
        }

        // The history comes first: a retry or a skip by this transaction is written already, and other transactions move a step of a locked
        // workflow only to the history.
        _ = batch.Add(EndedSql).BindIds(steps, static s => s.Value).Each(row =>
        {
            var ended = EndedStep.Read(row);
            _steps[ended.Id] = StepRow.Of(ended);
        });
        _ = batch.Add(HotSql).BindIds(steps, static s => s.Value).Each(row =>
        {
            var id = row.Id(0);
            _steps[id] = new StepRow
            {
                Id = id,
                Queue = row.GetInt32(1),
                Rank = row.GetInt32(2),
                Seq = row.GetInt64(3),
                State = JobStates.Of(row.GetInt16(4)),
                Tally = StepTally.Of(row.IntOrZero(5), row.LongOrZero(6)),
                Step = StepDraft.ReadOrStandIn(id, row.Bytes(7)),
            };
        });
    }

    private void FetchGates(SqlBatch batch, (WorkflowId Workflow, int Number)[] gates)
    {
        if (gates.Length == 0)
        {
            return;
        }

        foreach (var gate in gates)
        {
            _gates[gate] = null;
        }

        _ = batch.Add(GatesSql).BindIds(gates, static g => g.Workflow.Value).BindAllInts(gates, static g => g.Number).Each(row =>
            _gates[(WorkflowId.OfStep(row.Id(0)), row.GetInt32(1))] =
                new GateRow(StepTally.Of(row.GetInt32(2), row.GetInt64(3)), GateDraft.ReadNextOrLost(row.Bytes(4))));
    }

    private void FetchEnds(SqlBatch batch, WorkflowId[] ends)
    {
        if (ends.Length == 0)
        {
            return;
        }

        foreach (var end in ends)
        {
            _ends[end] = null;
        }

        _ = batch.Add(EndsSql).BindIds(ends, static e => e.Value).Each(row =>
            _ends[WorkflowId.OfStep(row.Id(0))] =
                new EndRow(StepTally.Of(row.GetInt32(1), row.GetInt64(2)), row.GetInt16(3) == (int)WorkflowState.Running));
    }

    /// <summary>Writes all that was decided, and is empty again.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="ready">Told of steps that become ready, or are due later.</param>
    /// <param name="now">The present time.</param>
    public Task WriteAsync(Session session, ReadyWork ready, DateTimeOffset now)
    {
        var batch = session.Batch();
        WriteSteps(session, batch, ready, now);
        WriteGates(batch);
        WriteEnds(batch, now);
        Clear();
        return batch.RunAsync();
    }

    /// <summary>Forgets all that was fetched and not written.</summary>
    public void Clear()
    {
        _steps.Clear();
        _gates.Clear();
        _ends.Clear();
    }

    private void WriteSteps(Session session, SqlBatch batch, ReadyWork ready, DateTimeOffset now)
    {
        var steps = _steps.Values.OfType<StepRow>().Where(static s => s.IsDirty).ToList();
        var reopened = steps.FindAll(static s => s.IsReopened);
        if (reopened.Count > 0)
        {
            _ = batch.Add(s_reopen).BindIds(reopened, static s => s.Id.Value);
        }

        WriteTallies(batch, TallySql, steps.FindAll(static s => !s.IsEnded || s.IsSkipped));
        var released = steps.FindAll(static s => s.IsReleased);
        if (released.Count > 0)
        {
            _ = batch.Add(ReleaseSql).BindIds(released, static s => s.Id.Value).BindLongs(released, s => DueOf(s, ready, now))
                .Bind(DbTime.Of(now)).Each(row =>
            {
                if (row.GetInt16(3) == (int)JobState.Ready)
                {
                    ready.AtPlace(row.GetInt32(0), row.GetInt32(1), row.GetInt64(2));
                    ready.Add(session.Names.QueueName(row.GetInt32(0)) ?? row.GetInt32(0).ToString(CultureInfo.InvariantCulture),
                        row.GetInt32(0));
                }
            });
        }

        var skipped = steps.FindAll(static s => s.IsSkipped);
        if (skipped.Count > 0)
        {
            EndedRows.Finish(batch,
                skipped.ConvertAll(static s => new Ending(s.Id, JobState.Skipped, default) { Step = s.Step }), now);
        }

        WriteTallies(batch, EndedTallySql, steps.FindAll(static s => s is { IsEnded: true, IsSkipped: false }));
    }

    private static long? DueOf(StepRow step, ReadyWork ready, DateTimeOffset now)
    {
        if (step.IgnoresDelay || step.Step.DueAfter(now) is not { } due)
        {
            return null;
        }

        ready.Due(due);
        return DbTime.Of(due);
    }

    private static void WriteTallies(SqlBatch batch, string sql, List<StepRow> steps)
    {
        if (steps.Count > 0)
        {
            _ = batch.Add(sql).BindIds(steps, static s => s.Id.Value).BindAllInts(steps, static s => s.Tally.Pending)
                .BindAllLongs(steps, static s => s.Tally.Outcomes);
        }
    }

    private void WriteGates(SqlBatch batch)
    {
        var gates = _gates.Where(static g => g.Value is { IsDirty: true }).ToList();
        if (gates.Count > 0)
        {
            _ = batch.Add(GateTallySql)
                .BindIds(gates, static g => g.Key.Item1.Value)
                .BindAllInts(gates, static g => g.Key.Item2)
                .BindAllInts(gates, static g => g.Value!.Tally.Pending)
                .BindAllLongs(gates, static g => g.Value!.Tally.Outcomes);
        }
    }

    private void WriteEnds(SqlBatch batch, DateTimeOffset now)
    {
        var ends = _ends.Where(static e => e.Value is { IsDirty: true }).ToList();
        if (ends.Count > 0)
        {
            _ = batch.Add(EndTallySql)
                .BindIds(ends, static e => e.Key.Value)
                .BindIds(ends, static e => StoredSteps.LastOf(e.Key).Value)
                .BindAllInts(ends, static e => e.Value!.Tally.Pending)
                .BindAllLongs(ends, static e => e.Value!.Tally.Outcomes)
                .Bind(DbTime.Of(now))
                .BindAllInts(ends, static e => e.Value!.Turns);
        }
    }
}
