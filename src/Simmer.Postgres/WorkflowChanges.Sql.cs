using System.Globalization;
using Simmer.Storage;

namespace Simmer.Postgres;

internal sealed partial class WorkflowChanges
{
    private const string LockSql =
        "SELECT id, steps, cancel_requested, state FROM simmer.workflow WHERE id = ANY($1) ORDER BY id FOR UPDATE";
    private const string HotSql =
        "SELECT j.id, j.queue, j.rank, j.seq, j.state, j.pending, j.outcomes, j.step FROM simmer.job j WHERE j.id = ANY($1) AND j.step "
            + "IS NOT NULL";
    private const string EndedSql =
        $"SELECT {EndedStep.Columns} FROM simmer.history j WHERE j.keep_until = {PostgresJobStore.KeptForEver} AND j.id = ANY($1) AND "
            + "j.step IS NOT NULL";
    private const string GatesSql =
        "SELECT g.workflow, g.n, g.pending, g.outcomes, g.next FROM simmer.gate g JOIN unnest($1::uuid[], $2::int[]) AS t(workflow, n) "
            + "ON g.workflow = ANY(ARRAY[t.workflow]) AND g.n = t.n";
    private const string EndsSql = "SELECT id, pending, outcomes, state FROM simmer.workflow WHERE id = ANY($1)";

    // Every run so far is forgiven, and the expiry does not count any more: somebody wants it to run now.
    private static readonly string s_reopen = $"""
        WITH old AS (DELETE FROM simmer.history WHERE keep_until = {PostgresJobStore.KeptForEver} AND id = ANY($1) RETURNING *)
        INSERT INTO simmer.job({JobColumns.Reopened}, state, step, pending, outcomes)
        SELECT {JobColumns.ReopenedValues}, 1, step, pending, outcomes FROM old
        """;

    private const string TallySql = """
        UPDATE simmer.job j SET pending = c.pending, outcomes = c.outcomes
            FROM unnest($1::uuid[], $2::int[], $3::bigint[]) AS c(id, pending, outcomes) WHERE j.id = ANY(ARRAY[c.id])
        """;

    private const string ReleaseSql = """
        UPDATE simmer.job j SET state = CASE WHEN c.due IS NULL THEN 3 ELSE 2 END, due_at = c.due, ready_at = CASE WHEN c.due IS NULL
            THEN $3 END, version = j.version + 1
        FROM unnest($1::uuid[], $2::bigint[]) AS c(id, due) WHERE j.id = ANY(ARRAY[c.id]) RETURNING j.queue, j.rank, j.seq, j.state
        """;

    private const string EndedTallySql = $"""
        UPDATE simmer.history j SET pending = c.pending, outcomes = c.outcomes
            FROM unnest($1::uuid[], $2::int[], $3::bigint[]) AS c(id, pending, outcomes)
        WHERE j.keep_until = {PostgresJobStore.KeptForEver} AND j.id = ANY(ARRAY[c.id])
        """;

    private const string GateTallySql = """
        UPDATE simmer.gate g SET pending = c.pending, outcomes = c.outcomes
            FROM unnest($1::uuid[], $2::int[], $3::int[], $4::bigint[]) AS c(workflow, n, pending, outcomes)
        WHERE g.workflow = ANY(ARRAY[c.workflow]) AND g.n = c.n
        """;

    // All steps are final when it ends, so all of them are in the history.
    private const string EndTallySql = $"""
        UPDATE simmer.workflow w SET pending = c.pending, outcomes = c.outcomes,
          state = CASE WHEN c.turns = 0 THEN w.state WHEN c.pending > 0 THEN 1 ELSE CASE c.worst WHEN 6 THEN 3 WHEN 7 THEN 4 ELSE 2 END END,
          finished_at = CASE WHEN c.turns = 0 THEN w.finished_at WHEN c.pending > 0 THEN NULL ELSE $5 END,
          keep_until = CASE WHEN c.turns = 0 THEN w.keep_until WHEN c.pending > 0 THEN NULL
            ELSE least({PostgresJobStore.KeptForEver}, $5::numeric + CASE WHEN c.worst IS NULL THEN w.keep_succeeded
                ELSE w.keep_failed END)::bigint END,
          version = w.version + c.turns
        FROM (SELECT t.*, CASE WHEN t.turns > 0 AND t.pending = 0 THEN
                (SELECT min(h.state) FROM simmer.history h WHERE h.keep_until = {PostgresJobStore.KeptForEver} AND h.id > t.id
                    AND h.id <= t.last AND h.state IN (6, 7)) END AS worst
              FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::bigint[], $6::int[]) AS t(id, last, pending, outcomes, turns)) c
        WHERE w.id = ANY(ARRAY[c.id])
        """;

    /// <summary>Locks workflows for this transaction, all in one order.</summary>
    public static void Lock(SqlBatch batch, IReadOnlyCollection<WorkflowId> workflows, Action<LockedWorkflow> each,
        bool skipLocked = false) => batch
        .Add(skipLocked ? LockSql + " SKIP LOCKED" : LockSql).BindIds([.. workflows.Distinct()], static w => w.Value)
        .Each(row =>
            each(new LockedWorkflow(WorkflowId.OfStep(row.Id(0)), row.GetInt32(1), row.GetBoolean(2), (WorkflowState)row.GetInt16(3))));

    private async Task FetchAsync(Session session)
    {
        var steps = new HashSet<JobId>();
        var gates = new HashSet<(WorkflowId Workflow, int Number)>();
        var ends = new HashSet<WorkflowId>();
        foreach (var (workflow, number) in Ledger.Waiting)
        {
            if (!IsFetched(workflow, number))
            {
                _ = number == 0 ? ends.Add(workflow) : number < 0 ? gates.Add((workflow, number)) : steps.Add(workflow.Step(number));
            }
        }

        var batch = session.Batch();
        Fetch(batch, [.. steps]);
        FetchGates(batch, [.. gates]);
        FetchEnds(batch, [.. ends]);
        await batch.RunAsync();
    }

    private void Fetch(SqlBatch batch, JobId[] steps)
    {
        if (steps.Length == 0)
        {
            return;
        }

        foreach (var id in steps)
        {
            _steps[id] = null;
        }

        // The history first: a retry or a skip by this transaction is written already, and nobody else moves a step of a locked workflow
        // but to the history.
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
                State = PostgresJobStore.Public(row.GetInt16(4)),
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

    private Task WriteAsync(Session session, DateTimeOffset now)
    {
        var batch = session.Batch();
        Write(session, batch, now);
        return batch.RunAsync();
    }

    /// <summary>Adds the statements for all that was decided, and is empty again.</summary>
    private void Write(Session session, SqlBatch batch, DateTimeOffset now)
    {
        var steps = _steps.Values.OfType<StepRow>().Where(static s => s.IsDirty).ToList();
        WriteSteps(session, batch, steps, now);
        WriteGates(batch);
        WriteEnds(batch, now);
        _steps.Clear();
        _gates.Clear();
        _ends.Clear();
    }

    private void WriteSteps(Session session, SqlBatch batch, List<StepRow> steps, DateTimeOffset now)
    {
        var reopened = steps.FindAll(static s => s.IsReopened);
        if (reopened.Count > 0)
        {
            _ = batch.Add(s_reopen).BindIds(reopened, static s => s.Id.Value);
        }

        WriteTallies(batch, TallySql, steps.FindAll(static s => !s.IsEnded || s.IsSkipped));
        var released = steps.FindAll(static s => s.IsReleased);
        if (released.Count > 0)
        {
            _ = batch.Add(ReleaseSql).BindIds(released, static s => s.Id.Value).BindLongs(released, s => DueOf(s, now)).Bind(DbTime.Of(now))
                .Each(row =>
            {
                if (row.GetInt16(3) == (int)JobState.Ready)
                {
                    _readyRows.Add((row.GetInt32(0), row.GetInt32(1), row.GetInt64(2)));
                    Ready(session.Names.QueueName(row.GetInt32(0)) ?? row.GetInt32(0).ToString(CultureInfo.InvariantCulture),
                        row.GetInt32(0));
                }
            });
        }

        var skipped = steps.FindAll(static s => s.IsSkipped);
        if (skipped.Count > 0)
        {
            PostgresJobStore.Finish(batch,
                skipped.ConvertAll(static s => new Ending(s.Id, JobState.Skipped, default) { Step = s.Step }), now);
        }

        WriteTallies(batch, EndedTallySql, steps.FindAll(static s => s is { IsEnded: true, IsSkipped: false }));
    }

    private long? DueOf(StepRow step, DateTimeOffset now)
    {
        if (step.IgnoresDelay || step.Step.DueAfter(now) is not { } due)
        {
            return null;
        }

        Due(due);
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
                .BindIds(ends, static e => PostgresJobStore.LastOf(e.Key).Value)
                .BindAllInts(ends, static e => e.Value!.Tally.Pending)
                .BindAllLongs(ends, static e => e.Value!.Tally.Outcomes)
                .Bind(DbTime.Of(now))
                .BindAllInts(ends, static e => e.Value!.Turns);
        }
    }
}
