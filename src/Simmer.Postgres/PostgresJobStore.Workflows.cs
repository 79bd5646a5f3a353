using System.Data.Common;
using System.Globalization;
using Simmer.Storage;

namespace Simmer.Postgres;

internal sealed partial class PostgresJobStore
{
    private const string WorkflowStatesSql = HeldJobs.WorkflowStatesSql;

    private const string InsertWorkflowsSql = """
        INSERT INTO simmer.workflow(id, name, state, steps, pending, created_at, finished_at, keep_until, keep_succeeded, keep_failed)
        SELECT id, name, CASE WHEN pending = 0 THEN 2 ELSE 1 END, steps, pending, $1, CASE WHEN pending = 0
            THEN $1 END, keep_until, keep_succeeded, keep_failed
        FROM unnest($2::uuid[], $3::text[], $4::int[], $5::int[], $6::bigint[], $7::bigint[], $8::bigint[]) AS w(id, name, steps, pending,
            keep_until, keep_succeeded, keep_failed)
        """;

    private const string InsertGatesSql =
        "INSERT INTO simmer.gate(workflow, n, pending, next) SELECT * FROM unnest($1::uuid[], $2::int[], $3::int[], $4::bytea[])";

    // In the order of the flush: numbers are given as the rows come.
    private static readonly string s_insertSteps = string.Create(CultureInfo.InvariantCulture, $"""
        INSERT INTO simmer.job({JobColumns.InsertedOfSteps}, ready_at, state, version, step, pending, outcomes)
        SELECT {JobColumns.InsertedValuesOfSteps}, CASE WHEN state = 3 THEN $1 END, state, CASE WHEN state = 1 THEN 1 ELSE 2 END, step,
            pending, 0
        FROM unnest({JobColumns.StepArrays(2)}, ${JobColumns.StepCount + 2}::int[], ${JobColumns.StepCount + 3}::bytea[],
            ${JobColumns.StepCount + 4}::int[])
          WITH ORDINALITY AS s({JobColumns.DraftNamesOfSteps}, state, step, pending, n)
        ORDER BY n
        """);

    // A job that is no step and has the id of one.
    private const string TakenSql = """
        SELECT t.id, k.name FROM (SELECT j.id, j.kind FROM simmer.job j WHERE j.id >= $1 AND j.id <= $2 AND j.step IS NULL UNION ALL
          SELECT h.id, h.kind FROM simmer.history h WHERE h.id >= $1 AND h.id <= $2 AND h.step IS NULL) t JOIN simmer.kind k
              ON k.id = t.kind
        """;

    private const string NoteUnstoredWorkflowsSql =
        "UPDATE simmer.flush SET left_out = coalesce(left_out, '{}') || $3::int[] WHERE worker = $1 AND seq = $2";
    private const string AddStepsSql = "UPDATE simmer.workflow SET steps = steps + $2, version = version + 1 WHERE id = $1";

    /// <summary>Stores the workflows of a flush, each whole or not at all.</summary>
    private static async Task<WorkflowReport[]> StoreWorkflowsAsync(Session session, SqlBatch batch, IReadOnlyList<WorkflowDraft> workflows,
        DateTimeOffset now, bool careful)
    {
        if (workflows.Count == 0)
        {
            return [];
        }

        var reports = await AdmitAsync(session, batch, workflows);
        var admitted = workflows.Where((_, i) => reports[i].Status == EnqueueStatus.Stored).ToList();
        if (careful)
        {
            await batch.RunAsync();
            for (var i = 0; i < reports.Length; i++)
            {
                if (reports[i].Status == EnqueueStatus.Stored)
                {
                    reports[i] = await StoreCarefullyAsync(session, workflows[i], now);
                }
            }
        }
        else
        {
            Insert(session, batch, admitted, now);
        }

        if (!session.Steps.Ledger.IsEmpty)
        {
            // Steps that are skipped as soon as they are there: what follows reads them.
            await batch.RunAsync();
            await session.Steps.FollowAsync(session, now);
        }

        return reports;
    }

    /// <summary>Which workflows can be stored. Those with an id of their caller's are asked for first.</summary>
    private static async Task<WorkflowReport[]> AdmitAsync(Session session, SqlBatch batch, IReadOnlyList<WorkflowDraft> workflows)
    {
        var present = new Dictionary<WorkflowId, WorkflowState>();
        var taken = new Dictionary<JobId, string>();
        var given = workflows.Where(static w => w.IdGiven).ToList();
        if (given.Count > 0)
        {
            // Two processes that store one workflow at a time: the second waits for the first, and then finds it.
            foreach (var workflow in given.OrderBy(static w => w.Id))
            {
                _ = batch.Add("SELECT pg_advisory_xact_lock($1)").Bind(AdvisoryKey(workflow.Id)).Each(static _ => { });
            }

            _ = batch.Add(WorkflowStatesSql).BindIds(given, static w => w.Id.Value)
                .Each(row => present[WorkflowId.OfStep(row.Id(0))] = (WorkflowState)row.GetInt16(1));
            foreach (var workflow in given)
            {
                LookForTaken(batch, workflow.Id, 1, workflow.Steps.Count, taken);
            }

            await batch.RunAsync();
        }

        return StoreRules.Each(workflows, workflow =>
        {
            if (workflow.IdGiven && present.TryGetValue(workflow.Id, out var state))
            {
                return new WorkflowReport(EnqueueStatus.Duplicate, workflow.Id, state);
            }

            if (StoreRules.WhyRefused(workflow) is { } why)
            {
                return Refused(workflow, new StoreException(why));
            }

            if (taken.Count > 0 && TakenAmong(taken, workflow.Id, 1, workflow.Steps.Count) is { } id)
            {
                return Refused(workflow, new StoreException(StoreRules.WhyTaken(workflow, id, taken[id])));
            }

            present[workflow.Id] = StateOf(workflow);
            return new WorkflowReport(EnqueueStatus.Stored, workflow.Id, StateOf(workflow));
        });
    }

    /// <summary>Finds jobs that are no steps and have ids of steps which are about to be added.</summary>
    private static async Task LookForTakenAsync(Session session, IEnumerable<(WorkflowId Workflow, int Count)> added,
        Dictionary<WorkflowId, LockedWorkflow> workflows)
    {
        var taken = new Dictionary<JobId, string>();
        var batch = session.Batch();
        foreach (var (id, count) in added)
        {
            if (workflows.TryGetValue(id, out var workflow))
            {
                workflows[id] = workflow with { Taken = taken };
                LookForTaken(batch, id, workflow.Steps + 1, count, taken);
            }
        }

        await batch.RunAsync();
    }

    private static void LookForTaken(SqlBatch batch, WorkflowId workflow, int first, int count, Dictionary<JobId, string> taken) =>
        batch.Add(TakenSql).Bind(workflow.Step(first)).Bind(workflow.Step(first + count - 1))
            .Each(row => taken[row.Id(0)] = row.GetString(1));

    private static JobId? TakenAmong(Dictionary<JobId, string> taken, WorkflowId workflow, int first, int count) =>
        taken.Keys.Where(id => WorkflowId.OfStep(id) == workflow && WorkflowId.NumberOf(id) is var number && number >= first
            && number < first + count).Select(static id => (JobId?)id).Min();

    private static long AdvisoryKey(WorkflowId id) => System.Buffers.Binary.BinaryPrimitives.ReadInt64LittleEndian(id.Value.ToByteArray());

    /// <summary>Behind a savepoint: the way for a flush in which a row was refused that should not have been.</summary>
    private static async Task<WorkflowReport> StoreCarefullyAsync(Session session, WorkflowDraft workflow, DateTimeOffset now)
    {
        var refused = await session.TryAsync($"store {workflow.Id}", async () =>
        {
            var batch = session.Batch();
            Insert(session, batch, [workflow], now);
            await batch.RunAsync();
            await session.Steps.FollowAsync(session, now);
        });
        return refused is null
            ? new WorkflowReport(EnqueueStatus.Stored, workflow.Id, StateOf(workflow))
            : Refused(workflow, StoreFaults.Refusal(refused, $"workflow {workflow.Id}"));
    }

    private static void Insert(Session session, SqlBatch batch, List<WorkflowDraft> workflows, DateTimeOffset now)
    {
        if (workflows.Count == 0)
        {
            return;
        }

        _ = batch.Add(InsertWorkflowsSql).Bind(DbTime.Of(now))
            .BindIds(workflows, static w => w.Id.Value)
            .BindTexts(workflows, static w => w.Name)
            .BindAllInts(workflows, static w => w.Steps.Count)
            .BindAllInts(workflows, static w => w.Pending)
            .BindLongs(workflows, w => w.Pending == 0 ? DbTime.Of(StoreRules.KeepUntil(now, w.KeepSucceeded)) : null)
            .BindAllLongs(workflows, static w => w.KeepSucceeded.Ticks)
            .BindAllLongs(workflows, static w => w.KeepFailed.Ticks);
        var gates = workflows.SelectMany(static w => w.Gates.Select(g => (w.Id, Gate: g))).ToList();
        if (gates.Count > 0)
        {
            _ = batch.Add(InsertGatesSql)
                .BindIds(gates, static g => g.Id.Value)
                .BindAllInts(gates, static g => g.Gate.Number)
                .BindAllInts(gates, static g => g.Gate.Pending)
                .BindBytes(gates, static g => g.Gate.WriteNext());
        }

        InsertSteps(session, batch, [.. workflows.SelectMany(static w => w.Steps)], now);
    }

    /// <summary>Stores steps that wait for others, and those that need not wait.</summary>
    private static void InsertSteps(Session session, SqlBatch batch, IReadOnlyList<JobDraft> steps, DateTimeOffset now)
    {
        if (steps.Count == 0)
        {
            return;
        }

        var rows = new List<JobRow>(steps.Count);
        foreach (var job in steps)
        {
            rows.Add(Placed(session, job, now));
        }

        JobColumns.BindSteps(batch.Add(s_insertSteps).Bind(DbTime.Of(now)), rows);
        _ = batch.BindAllInts(rows, static r => (int)r.State)
            .BindBytes(rows, static r => r.Job.Step!.Write())
            .BindAllInts(rows, static r => r.Job.Step!.Pending);
    }

    private static JobRow Placed(Session session, JobDraft job, DateTimeOffset now)
    {
        var (queue, kind) = (session.Names.Queue(job.Queue), session.Names.Kind(job.Kind));
        var waits = new JobRow(job, queue, kind, null, DbTime.Of(job.ExpiresFrom(now)), State: JobState.Waiting);
        var step = job.Step!;
        if (step.Pending > 0)
        {
            return waits;
        }

        if (!new StepTally(0).Runs(step.Rule, step.Role))
        {
            // It waits for a failure of nobody: skipped as soon as all of its workflow is there.
            session.Steps.Ledger.Stored(step.Workflow, step.Number);
            return waits;
        }

        if (step.DueAfter(now) is { } due)
        {
            session.Steps.Due(due);
            return waits with { State = JobState.Scheduled, Due = DbTime.Of(due) };
        }

        session.Steps.Ready(job.Queue, queue);
        session.LowWater.New(queue, ~job.Priority);
        return waits with { State = JobState.Ready };
    }

    /// <summary>Within the flush: notes which of its workflows are not stored, for a repeat, if the answer gets lost. What was refused is
    /// left out, to be sent once more; a duplicate, whose number is noted as its complement, is told as one.</summary>
    private static void NoteUnstored(SqlBatch batch, FlushPart part, WorkflowReport[] reports)
    {
        if (Array.TrueForAll(reports, static r => r.Status == EnqueueStatus.Stored))
        {
            return;
        }

        var numbers = part.WorkflowNumbers;
        var unstored = new List<int>();
        for (var i = 0; i < reports.Length; i++)
        {
            if (reports[i].Status != EnqueueStatus.Stored)
            {
                unstored.Add(reports[i].Status == EnqueueStatus.Duplicate ? ~numbers[i] : numbers[i]);
            }
        }

        _ = batch.Add(NoteUnstoredWorkflowsSql).Bind(part.Flush.Worker.Value).Bind(part.Flush.Sequence).Bind(unstored.ToArray());
    }

    private static WorkflowState StateOf(WorkflowDraft workflow) => workflow.Pending == 0 ? WorkflowState.Succeeded : WorkflowState.Running;

    private static WorkflowReport Refused(WorkflowDraft workflow, StoreException error) =>
        new(EnqueueStatus.Refused, workflow.Id, WorkflowState.Unknown, error);

    /// <summary>Adds the steps of a step that succeeds in this transaction; said before its end, so that nobody is released in
    /// between.</summary>
    /// <returns>Why there is no room for them.</returns>
    private static string? TryAdd(Session session, SqlBatch batch, Settlement settlement, StepDraft step,
        Dictionary<WorkflowId, LockedWorkflow> workflows, DateTimeOffset now, out int firstAdded, out int count)
    {
        (firstAdded, count) = (0, 0);
        if (!workflows.TryGetValue(step.Workflow, out var workflow))
        {
            return null;
        }

        var added = settlement.Added!;
        if (StoreRules.WhyTooMany(workflow.Steps, added.Count) is { } why)
        {
            return why;
        }

        if (workflow.CancelRequested)
        {
            return null;
        }

        if (workflow.Taken is { Count: > 0 } taken && TakenAmong(taken, step.Workflow, workflow.Steps + 1, added.Count) is { } id)
        {
            return StoreRules.WhyStepTaken(id, taken[id]);
        }

        (firstAdded, count) = (workflow.Steps + 1, added.Count);
        workflows[step.Workflow] = workflow with { Steps = workflow.Steps + count };
        _ = batch.Add(AddStepsSql).Bind(step.Workflow).Bind(count);
        var inherited = StepPlacement.Inherited(step, settlement.Branch);
        session.Steps.Ledger.Added(step.Workflow, inherited, count);
        InsertSteps(session, batch, StepPlacement.Place(added, step, firstAdded, inherited), now);
        return null;
    }

    /// <inheritdoc/>
    public async ValueTask<WorkflowReport> EnqueueWorkflowWithinAsync(DbTransaction transaction, WorkflowDraft workflow, DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(workflow);
        if (StoreRules.WhyRefused(workflow) is { } why)
        {
            return Refused(workflow, new StoreException(why));
        }

        return await WithinAsync(transaction, new Flush { Worker = default, Sequence = 0, Workflows = [workflow] }, async (session, _) =>
        {
            var batch = session.Batch();
            var report =
                (await StoreWorkflowsAsync(session, batch, [workflow], await TimeAsync(session.Connection, now), careful: false))[0];
            await batch.RunAsync();
            return report;
        }, cancellationToken);
    }
}
