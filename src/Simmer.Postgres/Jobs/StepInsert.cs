using System.Globalization;
using Simmer.Storage;
using Simmer.Storage.Decisions;

namespace Simmer.Postgres;

/// <summary>Stores steps of workflows: with a new workflow, or added by a step that succeeds.</summary>
internal static class StepInsert
{
    // In the order of the flush: numbers are given as the rows come.
    private static readonly string s_insert = string.Create(CultureInfo.InvariantCulture, $"""
        INSERT INTO simmer.job({JobColumns.InsertedOfSteps}, ready_at, state, version, step, pending, outcomes)
        SELECT {JobColumns.InsertedValuesOfSteps}, CASE WHEN state = {JobStates.Ready} THEN $1 END, state,
            CASE WHEN state = {JobStates.Waiting} THEN 1 ELSE 2 END, step, pending, 0
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

    private const string AddStepsSql = "UPDATE simmer.workflow SET steps = steps + $2, version = version + 1 WHERE id = $1";

    /// <summary>Stores steps that wait for others, and those that need not wait.</summary>
    public static void Insert(Session session, SqlBatch batch, IReadOnlyList<JobDraft> steps, DateTimeOffset now)
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

        JobColumns.BindSteps(batch.Add(s_insert).Bind(DbTime.Of(now)), rows);
        _ = batch.BindAllInts(rows, static r => (int)r.State)
            .BindBytes(rows, static r => r.Job.Step!.Write())
            .BindAllInts(rows, static r => r.Job.Step!.Pending);
    }

    /// <summary>Adds the steps of a step that succeeds in this transaction. Called before its end is reported, so that nothing is released
    /// in between.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="batch">Takes the statements.</param>
    /// <param name="settlement">The settlement, which adds steps.</param>
    /// <param name="step">The step that is settled.</param>
    /// <param name="workflows">The workflows that are locked.</param>
    /// <param name="now">The present time.</param>
    /// <returns>What became of them.</returns>
    public static AddDecision Add(Session session, SqlBatch batch, Settlement settlement, StepDraft step,
        Dictionary<WorkflowId, LockedWorkflow> workflows, DateTimeOffset now)
    {
        if (!workflows.TryGetValue(step.Workflow, out var workflow))
        {
            return default;
        }

        var added = settlement.Added!;
        var decision = AddDecision.For(workflow.Steps, added.Count, workflow.CancelRequested);
        if (decision.Count > 0 && workflow.Taken is { Count: > 0 } taken
            && TakenAmong(taken, step.Workflow, decision.First, decision.Count) is var (id, kind))
        {
            decision = AddDecision.Taken(id, kind);
        }

        if (decision.Count == 0)
        {
            return decision;
        }

        workflows[step.Workflow] = workflow with { Steps = workflow.Steps + decision.Count };
        _ = batch.Add(AddStepsSql).Bind(step.Workflow).Bind(decision.Count);
        var inherited = StepPlacement.Inherited(step, settlement.Branch);
        session.Steps.Ledger.Added(step.Workflow, inherited, decision.Count);
        Insert(session, batch, StepPlacement.Place(added, step, decision.First, inherited), now);
        return decision;
    }

    /// <summary>Finds jobs that are no steps and have ids of steps which are about to be added to locked workflows.</summary>
    public static async Task LookForTakenAsync(Session session, IEnumerable<(WorkflowId Workflow, int Count)> added,
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

    /// <summary>Finds jobs that are no steps and have ids of a range of steps.</summary>
    /// <param name="batch">Takes the statement.</param>
    /// <param name="workflow">The workflow.</param>
    /// <param name="first">The number of the first step.</param>
    /// <param name="count">How many steps.</param>
    /// <param name="taken">Takes the jobs with their kinds, once the batch has run.</param>
    public static void LookForTaken(SqlBatch batch, WorkflowId workflow, int first, int count, Dictionary<JobId, string> taken) =>
        batch.Add(TakenSql).Bind(workflow.Step(first)).Bind(workflow.Step(first + count - 1))
            .Each(row => taken[row.Id(0)] = row.GetString(1));

    /// <summary>The first of the jobs found whose id is that of one of these steps; null: there is none.</summary>
    public static (JobId Id, string Kind)? TakenAmong(Dictionary<JobId, string> taken, WorkflowId workflow, int first, int count) =>
        taken.Keys.Where(id => WorkflowId.OfStep(id) == workflow && WorkflowId.NumberOf(id) is var number && number >= first
            && number < first + count).Select(static id => (JobId?)id).Min() is { } id ? (id, taken[id]) : null;

    private static JobRow Placed(Session session, JobDraft job, DateTimeOffset now)
    {
        var step = job.Step!;
        var (queue, kind) = (session.Names.Queue(job.Queue), session.Names.Kind(job.Kind));
        var waits = new JobRow(job, queue, kind, null, DbTime.Of(job.ExpiresFrom(now)), State: JobState.Waiting);
        switch (FollowDecision.ForNew(step))
        {
            case StepMove.Released:
                var due = step.DueAfter(now);
                if (due is { } later)
                {
                    session.Steps.Due(later);
                }
                else
                {
                    session.Steps.Ready(job.Queue, queue);
                    session.LowWater.New(queue, ~job.Priority);
                }

                return waits with { State = FollowDecision.Released(due), Due = DbTime.Of(due) };
            case StepMove.Skipped:
                session.Steps.Ledger.Stored(step.Workflow, step.Number);
                return waits;
            default:
                return waits;
        }
    }
}
