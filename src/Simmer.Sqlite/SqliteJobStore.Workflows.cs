using System.Data.Common;
using Simmer.Storage;

namespace Simmer.Sqlite;

internal sealed partial class SqliteJobStore
{
    private static readonly Sql s_insertWorkflow = new("""
        INSERT INTO simmer_workflow(id, name, state, steps, pending, created_at, finished_at, keep_until, keep_succeeded, keep_failed)
        VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
        """);

    private static readonly Sql s_insertStep = new("""
        INSERT INTO simmer_job(id, queue, kind, state, priority, run, forgiven, max_attempts, enqueued_at, ready_at, due_at, expires_at,
            time_limit, tags, trace_parent, trace_state, payload,
          version, step, pending, outcomes, owner, started_at)
        VALUES(?1, ?2, ?3, ?4, ?5, ?19, 0, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, 0, ?20, ?21)
        """);

    private static readonly Sql s_insertGate = new("INSERT INTO simmer_gate(workflow, n, pending, next) VALUES(?1, ?2, ?3, ?4)");
    private static readonly Sql s_workflowState = new("SELECT state FROM simmer_workflow WHERE id = ?1");
    private static readonly Sql s_taken = new("""
        SELECT id, kind FROM simmer_job WHERE id BETWEEN ?1 AND ?2 AND step IS NULL UNION ALL SELECT id, kind FROM simmer_history
            WHERE id BETWEEN ?1 AND ?2 AND step IS NULL LIMIT 1
        """);

    private static readonly Sql s_room = new("SELECT steps, cancel_requested FROM simmer_workflow WHERE id = ?1");
    private static readonly Sql s_addSteps = new("UPDATE simmer_workflow SET steps = steps + ?2, version = version + 1 WHERE id = ?1");

    /// <summary>What becomes of workflows that are not stored: they are there already, or cannot be. Known before anything of this flush is
    /// started.</summary>
    /// <param name="session">The connection.</param>
    /// <param name="workflows">The workflows.</param>
    /// <param name="starts">Takes the steps of the others that wait for nobody.</param>
    /// <param name="now">The present time.</param>
    /// <param name="entries">Those steps by their jobs.</param>
    private static WorkflowReport[] Admit(SqliteSession session, IReadOnlyList<WorkflowDraft> workflows, StepStarts? starts,
        DateTimeOffset now, out Dictionary<JobId, StepStart>? entries)
    {
        entries = null;
        if (workflows.Count == 0)
        {
            return [];
        }

        var reports = new WorkflowReport[workflows.Count];
        for (var i = 0; i < reports.Length; i++)
        {
            reports[i] = Admit(session, workflows, i);
            if (starts is not null && reports[i].Status == EnqueueStatus.Stored)
            {
                foreach (var job in workflows[i].Steps)
                {
                    if (job.Step!.Pending == 0 && job.Step.DueAfter(now) is null)
                    {
                        var start = new StepStart(job.Id, job.Kind, job.Priority, null, job.ExpiresFrom(now));
                        starts[job.Queue].Add(start);
                        (entries ??= []).Add(job.Id, start);
                    }
                }
            }
        }

        return reports;
    }

    private static WorkflowReport Admit(SqliteSession session, IReadOnlyList<WorkflowDraft> workflows, int index)
    {
        var workflow = workflows[index];
        return workflow.IdGiven && PresentState(session, workflows, index) is { } present
            ? new WorkflowReport(EnqueueStatus.Duplicate, workflow.Id, present)
            : StoreRules.WhyRefused(workflow) is { } why ? Refused(workflow, new StoreException(why))

                : workflow.IdGiven && TakenAmong(session, workflow.Id, 1, workflow.Steps.Count) is { } taken
                ? Refused(workflow, new StoreException(StoreRules.WhyTaken(workflow, taken.Id, taken.Kind)))
            : new WorkflowReport(EnqueueStatus.Stored, workflow.Id, StateOf(workflow));
    }

    /// <summary>A job that is no step and has the id of one of some steps that are yet to be stored.</summary>
    private static (JobId Id, string Kind)? TakenAmong(SqliteSession session, WorkflowId workflow, int first, int count)
    {
        var statement = session[s_taken].Bind(1, workflow.Step(first)).Bind(2, workflow.Step(first + count - 1));
        if (count == 0 || !statement.Step())
        {
            return null;
        }

        var (id, kind) = (statement.Id(0), statement.Long(1));
        statement.Reset();
        return (id, session.Names.KindName(kind));
    }

    /// <summary>The state of the workflow that has this id already, earlier in this flush or in the database; null: there is
    /// none.</summary>
    private static WorkflowState? PresentState(SqliteSession session, IReadOnlyList<WorkflowDraft> workflows, int index)
    {
        var workflow = workflows[index];
        for (var i = 0; i < index; i++)
        {
            if (workflows[i].Id == workflow.Id)
            {
                return StateOf(workflow);
            }
        }

        return (WorkflowState?)session[s_workflowState].Bind(1, workflow.Id).Number();
    }

    /// <summary>Stores the workflows that were admitted.</summary>
    private static void Store(SqliteSession session, Flush flush, WorkflowReport[] reports, Dictionary<JobId, StepStart>? entries,
        DateTimeOffset now, bool careful)
    {
        for (var i = 0; i < reports.Length; i++)
        {
            if (reports[i].Status != EnqueueStatus.Stored)
            {
                continue;
            }

            if (careful)
            {
                reports[i] = StoreCarefully(session, flush.Workflows[i], now);
            }
            else
            {
                Store(session, flush.Workflows[i], now, entries, flush.Worker.Value);
            }
        }
    }

    /// <summary>Behind a savepoint: the way for a flush in which a row was refused that should not have been.</summary>
    private static WorkflowReport StoreCarefully(SqliteSession session, WorkflowDraft workflow, DateTimeOffset now)
    {
        var refused = session.Try(workflow.Id, () =>
        {
            Store(session, workflow, now);
            Follow(session, now);
        });
        return refused is null
            ? new WorkflowReport(EnqueueStatus.Stored, workflow.Id, StateOf(workflow))
            : Refused(workflow, StoreFaults.Refusal(refused, $"workflow {workflow.Id}"));
    }

    private static void Store(SqliteSession session, WorkflowDraft workflow, DateTimeOffset now,
        Dictionary<JobId, StepStart>? entries = null, long worker = 0)
    {
        var at = DbTime.Of(now);
        var state = StateOf(workflow);
        _ = session[s_insertWorkflow]
            .Bind(1, workflow.Id)
            .Bind(2, workflow.Name)
            .Bind(3, (long)state)
            .Bind(4, (long)workflow.Steps.Count)
            .Bind(5, (long)workflow.Pending)
            .Bind(6, at)
            .Bind(7, state == WorkflowState.Running ? null : at)
            .Bind(8, state == WorkflowState.Running ? null : DbTime.Of(StoreRules.KeepUntil(now, workflow.KeepSucceeded)))
            .Bind(9, workflow.KeepSucceeded.Ticks)
            .Bind(10, workflow.KeepFailed.Ticks)
            .Run();
        foreach (var gate in workflow.Gates)
        {
            _ = session[s_insertGate].Bind(1, workflow.Id).Bind(2, (long)gate.Number).Bind(3, (long)gate.Pending)
                .Bind(4, gate.WriteNext()).Run();
        }

        foreach (var job in workflow.Steps)
        {
            if (entries is not null && job.Step!.Pending == 0 && entries.TryGetValue(job.Id, out var start) && start.IsStarted)
            {
                InsertStep(session, job, now, worker);
                start.Claim = new JobClaim(job, 1, 0, now);
            }
            else
            {
                InsertStep(session, job, now);
            }
        }
    }

    private static WorkflowState StateOf(WorkflowDraft workflow) => workflow.Pending == 0 ? WorkflowState.Succeeded : WorkflowState.Running;

    /// <summary>Whether a new workflow has a step that is skipped as soon as it is stored: what follows it may be ready before others that
    /// could start at once.</summary>
    private static bool SkipsAtOnce(IReadOnlyList<WorkflowDraft> workflows)
    {
        foreach (var workflow in workflows)
        {
            foreach (var job in workflow.Steps)
            {
                if (job.Step!.Pending == 0 && !MayRunAlone(job.Step))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static bool MayRunAlone(StepDraft step) => new StepTally(0).Runs(step.Rule, step.Role);

    /// <summary>Stores a step that waits for others, or one that need not wait.</summary>
    /// <param name="session">The connection.</param>
    /// <param name="job">The step's job.</param>
    /// <param name="now">The present time.</param>
    /// <param name="worker">Who has started it already; null: nobody.</param>
    private static void InsertStep(SqliteSession session, JobDraft job, DateTimeOffset now, long? worker = null)
    {
        var at = DbTime.Of(now);
        var step = job.Step!;
        var waits = step.Pending > 0;
        if (!waits && !MayRunAlone(step))
        {
            // It waits for a failure of nobody: skipped as soon as all of its workflow is there.
            waits = true;
            session.Steps.Ledger.Stored(step.Workflow, step.Number);
        }

        var due = waits ? null : step.DueAfter(now);
        var state = waits ? JobState.Waiting : worker is not null ? JobState.Running : due is null ? JobState.Ready : JobState.Scheduled;
        _ = session[s_insertStep]
            .Bind(1, job.Id)
            .Bind(2, session.Names.Queue(job.Queue))
            .Bind(3, session.Names.Kind(job.Kind))
            .Bind(4, (long)state)
            .Bind(5, (long)job.Priority)
            .Bind(6, (long)job.MaxAttempts)
            .Bind(7, at)
            .Bind(8, state == JobState.Ready ? at : null)
            .Bind(9, DbTime.Of(due))
            .Bind(10, DbTime.Of(job.ExpiresFrom(now)))
            .Bind(11, job.TimeLimit?.Ticks)
            .Bind(12, JsonList.Write(job.Tags))
            .Bind(13, job.TraceParent)
            .Bind(14, job.TraceState)
            .Bind(15, job.Payload.Span)
            // Stored, released and claimed are a change each.
            .Bind(16, waits ? 1L : worker is null ? 2L : 3L)
            .Bind(17, step.Write())
            .Bind(18, (long)step.Pending)
            .Bind(19, worker is null ? 0L : 1L)
            .Bind(20, worker)
            .Bind(21, worker is null ? null : at)
            .Run();
        if (state == JobState.Ready)
        {
            session.Steps.Ready(job.Queue);
        }
        else if (due is { } later)
        {
            session.Steps.Due(later);
        }
    }

    /// <summary>Adds the steps of a step that succeeds in this transaction; said before its end, so that nobody is released in
    /// between.</summary>
    /// <returns>Why there is no room for them.</returns>
    private static string? TryAdd(SqliteSession session, Settlement settlement, StepDraft step, DateTimeOffset now, out int firstAdded,
        out int count)
    {
        (firstAdded, count) = (0, 0);
        var statement = session[s_room].Bind(1, step.Workflow);
        if (!statement.Step())
        {
            return null;
        }

        var (present, cancelled) = (statement.Int(0), statement.Bool(1));
        statement.Reset();
        var added = settlement.Added!;
        if (StoreRules.WhyTooMany(present, added.Count) is { } why)
        {
            return why;
        }

        if (cancelled)
        {
            return null;
        }

        if (TakenAmong(session, step.Workflow, present + 1, added.Count) is { } taken)
        {
            return StoreRules.WhyStepTaken(taken.Id, taken.Kind);
        }

        (firstAdded, count) = (present + 1, added.Count);
        _ = session[s_addSteps].Bind(1, step.Workflow).Bind(2, (long)count).Run();
        var inherited = StepPlacement.Inherited(step, settlement.Branch);
        session.Steps.Ledger.Added(step.Workflow, inherited, count);
        foreach (var job in StepPlacement.Place(added, step, firstAdded, inherited))
        {
            InsertStep(session, job, now);
        }

        return null;
    }

    /// <inheritdoc/>
    public ValueTask<WorkflowReport> EnqueueWorkflowWithinAsync(DbTransaction transaction, WorkflowDraft workflow, DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(workflow);
        return Within(transaction, session =>
        {
            var report = Admit(session, [workflow], null, now, out _)[0];
            if (report.Status == EnqueueStatus.Stored)
            {
                Store(session, workflow, now);
                Follow(session, now);
            }

            return report;
        }, cancellationToken);
    }

    private static WorkflowState StateOf(SqliteSession session, WorkflowId workflow) =>
        (WorkflowState)(session[s_workflowState].Bind(1, workflow).Number() ?? 0);

    /// <summary>At a repeat: what kept a workflow out may be gone.</summary>
    private static WorkflowReport StoreLate(SqliteSession session, WorkflowDraft workflow, DateTimeOffset now) =>
        Admit(session, [workflow], 0) is { Status: not EnqueueStatus.Stored } report ? report : StoreCarefully(session, workflow, now);

    private static WorkflowReport Refused(WorkflowDraft workflow, StoreException error) =>
        new(EnqueueStatus.Refused, workflow.Id, WorkflowState.Unknown, error);
}
