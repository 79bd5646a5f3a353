using System.Buffers.Binary;
using Simmer.Storage;
using Simmer.Storage.Decisions;

namespace Simmer.Postgres;

/// <summary>Stores workflows, each whole or not at all: the stage of a flush, and what a caller's transaction stores.</summary>
internal static class WorkflowBatch
{
    private const string InsertWorkflowsSql = $"""
        INSERT INTO simmer.workflow(id, name, state, steps, pending, created_at, finished_at, keep_until, keep_succeeded, keep_failed)
        SELECT id, name, CASE WHEN pending = 0 THEN {WorkflowStates.Succeeded} ELSE {WorkflowStates.Running} END, steps, pending, $1,
            CASE WHEN pending = 0
            THEN $1 END, keep_until, keep_succeeded, keep_failed
        FROM unnest($2::uuid[], $3::text[], $4::int[], $5::int[], $6::bigint[], $7::bigint[], $8::bigint[]) AS w(id, name, steps, pending,
            keep_until, keep_succeeded, keep_failed)
        """;

    private const string InsertGatesSql =
        "INSERT INTO simmer.gate(workflow, n, pending, next) SELECT * FROM unnest($1::uuid[], $2::int[], $3::int[], $4::bytea[])";

    private const string LockIdSql = "SELECT pg_advisory_xact_lock($1)";

    private const string NoteUnstoredSql =
        "UPDATE simmer.flush SET left_out = coalesce(left_out, '{}') || $3::int[] WHERE worker = $1 AND seq = $2";

    /// <summary>Stores the workflows of a flush.</summary>
    public static async Task StoreAsync(FlushRun run)
    {
        var workflows = run.Flush.Workflows;
        if (run.Mode == FlushMode.Together)
        {
            run.Workflows = await StoreAsync(run.Session, run.Batch, workflows, run.Now);
            return;
        }

        await run.Batch.RunAsync();
        run.Workflows = new WorkflowReport[workflows.Count];
        for (var i = 0; i < workflows.Count; i++)
        {
            var (place, workflow) = (i, workflows[i]);
            _ = await run.TryAsync(workflow.Id.Step(0), null, [run.FirstEnqueue + run.Flush.Enqueues.Count + i], async () =>
            {
                var batch = run.Session.Batch();
                run.Workflows[place] = (await StoreAsync(run.Session, batch, [workflow], run.Now))[0];
                await batch.RunAsync();
            }, refused => run.Workflows[place] =
                RepeatAnswer.Refused(workflow, StoreFaults.Refusal(refused, $"workflow {workflow.Id}")));
        }
    }

    /// <summary>Stores some workflows. What is added to the batch last is not sent yet.</summary>
    public static async Task<WorkflowReport[]> StoreAsync(Session session, SqlBatch batch, IReadOnlyList<WorkflowDraft> workflows,
        DateTimeOffset now)
    {
        if (workflows.Count == 0)
        {
            return [];
        }

        var reports = await AdmitAsync(session, batch, workflows);
        Insert(session, batch, [.. workflows.Where((_, i) => reports[i].Status == EnqueueStatus.Stored)], now);
        if (!session.Steps.Ledger.IsEmpty)
        {
            // Steps that are skipped as soon as they are there: what follows reads them.
            await batch.RunAsync();
            await session.Steps.FollowAsync(session, now);
        }

        return reports;
    }

    /// <summary>Within the flush: notes which of its workflows are not stored, for a repeat, if the answer gets lost. What was refused is
    /// left out, to be sent once more; a duplicate, whose number is noted as its complement, is told as one.</summary>
    public static void NoteUnstored(SqlBatch batch, FlushPart part, WorkflowReport[] reports)
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

        _ = batch.Add(NoteUnstoredSql).Bind(part.Flush.Worker.Value).Bind(part.Flush.Sequence).Bind(unstored.ToArray());
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
                _ = batch.Add(LockIdSql).Bind(BinaryPrimitives.ReadInt64LittleEndian(workflow.Id.Value.ToByteArray()))
                    .Each(static _ => { });
            }

            _ = batch.Add(HeldJobs.WorkflowStatesSql).BindIds(given, static w => w.Id.Value)
                .Each(row => present[WorkflowId.OfStep(row.Id(0))] = (WorkflowState)row.GetInt16(1));
            foreach (var workflow in given)
            {
                StepInsert.LookForTaken(batch, workflow.Id, 1, workflow.Steps.Count, taken);
            }

            await batch.RunAsync();
        }

        return StoreRules.Each(workflows, workflow =>
        {
            var report = RepeatAnswer.ToWorkflow(workflow,
                workflow.IdGiven && present.TryGetValue(workflow.Id, out var state) ? state : null,
                taken.Count == 0 ? null : StepInsert.TakenAmong(taken, workflow.Id, 1, workflow.Steps.Count));
            if (report.Status == EnqueueStatus.Stored)
            {
                // It may come twice in one flush.
                present[workflow.Id] = report.State;
            }

            return report;
        });
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

        StepInsert.Insert(session, batch, [.. workflows.SelectMany(static w => w.Steps)], now);
    }
}
