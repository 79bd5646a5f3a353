using System.Data.Common;
using Simmer.Storage;

namespace Simmer.Sqlite;

internal sealed partial class SqliteJobStore
{
    private static readonly Sql s_insertWorkflow = new("""
        INSERT INTO simmer_workflow(id, name, state, steps, pending, created_at, finished_at, keep_until, keep_succeeded, keep_failed)
        VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
        ON CONFLICT DO NOTHING
        """);

    private static readonly Sql s_insertStep = new("""
        INSERT INTO simmer_job(id, queue, kind, state, priority, run, forgiven, max_attempts, enqueued_at, ready_at, due_at, expires_at, time_limit, tags, trace_parent, trace_state, payload,
          version, step, pending, outcomes)
        VALUES(?1, ?2, ?3, ?4, ?5, 0, 0, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, 0)
        """);

    private static readonly Sql s_insertGate = new("INSERT INTO simmer_gate(workflow, n, pending, next) VALUES(?1, ?2, ?3, ?4)");
    private static readonly Sql s_workflowState = new("SELECT state FROM simmer_workflow WHERE id = ?1");
    private static readonly Sql s_room = new("SELECT steps, cancel_requested FROM simmer_workflow WHERE id = ?1");
    private static readonly Sql s_addSteps = new("UPDATE simmer_workflow SET steps = steps + ?2, version = version + 1 WHERE id = ?1");

    private WorkflowReport[] StoreWorkflows(SqliteSession session, IReadOnlyList<WorkflowDraft> workflows, DateTimeOffset now, bool careful)
    {
        if (workflows.Count == 0)
        {
            return [];
        }

        var reports = new WorkflowReport[workflows.Count];
        for (var i = 0; i < reports.Length; i++)
        {
            reports[i] = careful ? StoreCarefully(session, workflows[i], now) : Store(session, workflows[i], now);
        }

        return reports;
    }

    /// <summary>Behind a savepoint: the way for a flush in which a row was refused that should not have been.</summary>
    private static WorkflowReport StoreCarefully(SqliteSession session, WorkflowDraft workflow, DateTimeOffset now)
    {
        session.Execute("SAVEPOINT one");
        try
        {
            var report = Store(session, workflow, now);
            session.Execute("RELEASE one");
            return report;
        }
        catch (SqliteFault fault) when (fault.IsAboutOneRow && session.InTransaction)
        {
            session.Forget();
            session.Execute("ROLLBACK TO one; RELEASE one");
            return Refused(workflow, new StoreException($"The database refused workflow {workflow.Id}: {fault.SqliteMessage}", inner: fault));
        }
    }

    private static WorkflowReport Store(SqliteSession session, WorkflowDraft workflow, DateTimeOffset now)
    {
        var at = DbTime.Of(now);
        if (session[s_workflowState].Bind(1, workflow.Id).Number() is { } present)
        {
            return new WorkflowReport(EnqueueStatus.Duplicate, workflow.Id, (WorkflowState)present);
        }

        if (StoreRules.WhyRefused(workflow) is { } why)
        {
            return Refused(workflow, new StoreException(why));
        }

        var state = workflow.Pending == 0 ? WorkflowState.Succeeded : WorkflowState.Running;
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
            _ = session[s_insertGate].Bind(1, workflow.Id).Bind(2, (long)gate.Number).Bind(3, (long)gate.Pending).Bind(4, gate.WriteNext()).Run();
        }

        foreach (var job in workflow.Steps)
        {
            InsertStep(session, job, now);
        }

        return new WorkflowReport(EnqueueStatus.Stored, workflow.Id, state);
    }

    /// <summary>Stores a step that waits for others, or one that need not wait.</summary>
    private static void InsertStep(SqliteSession session, JobDraft job, DateTimeOffset now)
    {
        var at = DbTime.Of(now);
        var step = job.Step!;
        var waits = step.Pending > 0;
        if (!waits && !new StepTally(0).Runs(step.Rule, step.Role))
        {
            // It waits for a failure of nobody: skipped as soon as all of its workflow is there.
            waits = true;
            session.Steps.Ledger.Stored(step.Workflow, step.Number);
        }

        var due = waits ? null : step.DueAfter(now);
        var state = waits ? JobState.Waiting : due is null ? JobState.Ready : JobState.Scheduled;
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
            .Bind(10, DbTime.Of(job.ExpiresAt))
            .Bind(11, job.TimeLimit?.Ticks)
            .Bind(12, JsonList.Write(job.Tags))
            .Bind(13, job.TraceParent)
            .Bind(14, job.TraceState)
            .Bind(15, job.Payload.Span)
            // Stored and released are two changes.
            .Bind(16, waits ? 1L : 2L)
            .Bind(17, step.Write())
            .Bind(18, (long)step.Pending)
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

    /// <summary>Adds the steps of a step that succeeds in this transaction; said before its end, so that nobody is released in between.</summary>
    /// <returns>Why there is no room for them.</returns>
    private static string? TryAdd(SqliteSession session, Settlement settlement, StepDraft step, DateTimeOffset now, out int firstAdded, out int count)
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
    public ValueTask<WorkflowReport> EnqueueWorkflowWithinAsync(DbTransaction transaction, WorkflowDraft workflow, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(workflow);
        return Within(transaction, session =>
        {
            var report = Store(session, workflow, now);
            _ = Follow(session, now);
            return report;
        }, cancellationToken);
    }

    private static WorkflowReport RememberWorkflow(SqliteSession session, WorkflowDraft workflow) =>
        new(EnqueueStatus.Stored, workflow.Id, (WorkflowState)(session[s_workflowState].Bind(1, workflow.Id).Number() ?? 0));

    private static WorkflowReport Refused(WorkflowDraft workflow, StoreException error) => new(EnqueueStatus.Refused, workflow.Id, WorkflowState.Unknown, error);
}
