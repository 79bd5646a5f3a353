using Simmer.Storage;

namespace Simmer.Sqlite;

internal sealed partial class SqliteJobStore
{
    private static readonly Sql s_hotSteps =
        new("SELECT seq, id, state, run, owner, step FROM simmer_job WHERE id > ?1 AND id <= ?2 AND step IS NOT NULL ORDER BY id");
    private static readonly Sql s_endedSteps =
        new("SELECT id, state, pending, outcomes, step FROM simmer_history WHERE id > ?1 AND id <= ?2 AND step IS NOT NULL ORDER BY id");
    private static readonly Sql s_cancelWorkflow =
        new("UPDATE simmer_workflow SET cancel_requested = 1, reason = ?2, version = version + 1 WHERE id = ?1 AND cancel_requested = 0");
    private static readonly Sql s_retryWorkflow =
        new("UPDATE simmer_workflow SET cancel_requested = 0, reason = NULL, version = version + 1 WHERE id = ?1");
    private static readonly Sql s_dropHot = new("DELETE FROM simmer_job WHERE id > ?1 AND id <= ?2 AND step IS NOT NULL");
    private static readonly Sql s_dropEnded = new("DELETE FROM simmer_history WHERE id > ?1 AND id <= ?2 AND step IS NOT NULL");
    private static readonly Sql s_dropErrors = new("DELETE FROM simmer_error WHERE job > ?1 AND job <= ?2");
    private static readonly Sql s_dropGates = new("DELETE FROM simmer_gate WHERE workflow = ?1");
    private static readonly Sql s_dropWorkflow = new("DELETE FROM simmer_workflow WHERE id = ?1");

    private readonly record struct HotStep(long Seq, JobState State, int Run, long Owner, JobId Id, StepDraft Step);

    private readonly record struct EndedStep(JobState State, StepTally Tally, JobId Id, StepDraft Step);

    /// <inheritdoc/>
    public ValueTask<WorkflowCancelReport> CancelWorkflowAsync(WorkflowId id, string? reason, DateTimeOffset now,
        CancellationToken cancellationToken) =>
        WriteEach((session, careful) => CancelWorkflow(session, id, StoreRules.Cut(reason, StoreRules.LongestReason), now, careful),
            cancellationToken);

    private static WorkflowCancelReport CancelWorkflow(SqliteSession session, WorkflowId id, string? reason, DateTimeOffset now,
        bool careful)
    {
        if (session[s_workflowState].Bind(1, id).Number() is null)
        {
            return new WorkflowCancelReport(CancelResult.NotFound, [], ReleaseReport.Nothing);
        }

        var unfinished = HotSteps(session, id).FindAll(static s => s.Step.Role == StepRole.Step);
        if (unfinished.Count == 0)
        {
            return new WorkflowCancelReport(CancelResult.AlreadyFinished, [], ReleaseReport.Nothing);
        }

        NoteCancel(session, id, reason, careful);
        var running = new List<(WorkerId, LeaseToken)>();
        var refused = new List<(JobId, StoreException Error)>();
        foreach (var step in unfinished)
        {
            // Carefully it is looked for anew: what followed from one before it may have ended it.
            var report = careful ? CancelCarefully(session, step.Id, reason, default, now)
                : Cancel(session, new HotRow(step.Seq, step.State, step.Run, step.Owner, step.Step, IsAlone: false), step.Id, reason,
                    default, now);
            if (report.Error is { } error)
            {
                refused.Add((step.Id, error));
            }
            else if (report.Result == CancelResult.Requested)
            {
                running.Add((report.Owner, new LeaseToken(step.Id, report.Run)));
            }
        }

        if (refused.Count == unfinished.Count)
        {
            throw refused[0].Error;
        }

        if (!careful)
        {
            FollowLost();
        }
        else
        {
            _ = session.Try(("lost links", id), FollowLost);
        }

        return new WorkflowCancelReport(running.Count == 0 ? CancelResult.Cancelled : CancelResult.Requested, running,
            session.Steps.Take()) { Refused = refused };

        // What links lead nowhere, or from nowhere, must not keep it from its end.
        void FollowLost()
        {
            session.Steps.Ledger.Lost(id);
            Follow(session, now);
        }
    }

    private static void NoteCancel(SqliteSession session, WorkflowId id, string? reason, bool careful)
    {
        if (!careful)
        {
            _ = session[s_cancelWorkflow].Bind(1, id).Bind(2, reason).Run();
        }
        else if (session.Try(("cancel", id), () => session[s_cancelWorkflow].Bind(1, id).Bind(2, reason).Run()) is { } refused
            && (reason is null || session
                .Try(("cancel with a mark", id),
                () => session[s_cancelWorkflow].Bind(1, id).Bind(2, StoreRules.RefusedText).Run()) is not null))
        {
            throw StoreFaults.Refusal(refused, $"the cancel of workflow {id}");
        }
    }

    /// <inheritdoc/>
    public ValueTask<RetryResult> RetryWorkflowAsync(WorkflowRetryRequest request, DateTimeOffset now,
        CancellationToken cancellationToken) =>
        WriteEach((session, careful) => Retry(session, request, now, careful), cancellationToken);

    private static RetryResult Retry(SqliteSession session, WorkflowRetryRequest request, DateTimeOffset now, bool careful = false)
    {
        if (session[s_workflowState].Bind(1, request.Workflow).Number() is null)
        {
            return new RetryResult(RetryStatus.NotFound, JobState.Unknown);
        }

        var ended = EndedSteps(session, request.Workflow);
        List<EndedStep> steps;
        if (request.Step is { } one)
        {
            steps = ended.FindAll(s => s.Id == one);
            if (steps.Count == 0)
            {
                var state = StateOf(session, one);
                return new RetryResult(state == JobState.Unknown ? RetryStatus.NotFound : RetryStatus.NotRetryable, state);
            }
        }
        else
        {
            steps = ended.FindAll(static s => s.Step is { IsDamaged: false, Role: not StepRole.Undo } && s.State.CanRetry());
        }

        if (steps.Count == 0 || steps[0].Step.IsDamaged || !steps[0].State.CanRetry())
        {
            return new RetryResult(RetryStatus.NotRetryable, steps.Count == 0 ? JobState.Unknown : steps[0].State);
        }

        if (!request.Force && steps.Exists(static s => s.Step.Role == StepRole.Step)
            && BegunUndo(session, request.Workflow, ended) is { } begun)
        {
            return new RetryResult(RetryStatus.Compensated, steps[0].State, Compensation: begun);
        }

        if (careful)
        {
            return RerunCarefully(session, request.Workflow, steps, now);
        }

        Rerun(session, request.Workflow, steps, now);
        return new RetryResult(RetryStatus.Retried, StateOf(session, steps[0].Id));
    }

    /// <summary>Runs steps again, each behind a savepoint with all that follows from it.</summary>
    private static RetryResult RerunCarefully(SqliteSession session, WorkflowId workflow, List<EndedStep> steps, DateTimeOffset now)
    {
        // Each as it stands by then: one that ran again before it may be what it waits for.
        var refused = ForEach(session, steps.ConvertAll(static s => s.Id), careful: true,
            id => Rerun(session, workflow, EndedSteps(session, workflow).FindAll(s => s.Id == id), now));
        return new RetryResult(refused.Count < steps.Count ? RetryStatus.Retried : RetryStatus.NotRetryable, StateOf(session, steps[0].Id))
        {
            Error = refused.Count == 0 ? null : StoreFaults.Refusal(refused[0].Error, $"the retry of step {refused[0].Item}"),
        };
    }

    /// <summary>The first undo step that has started, or was kept from it.</summary>
    private static string? BegunUndo(SqliteSession session, WorkflowId workflow, List<EndedStep> ended)
    {
        var hot = HotSteps(session, workflow).Where(static s => s.Step.Role == StepRole.Undo && s.State != JobState.Waiting)
            .Select(static s => s.Step);
        var done = ended.Where(static s => s.Step.Role == StepRole.Undo && s.State != JobState.Skipped).Select(static s => s.Step);
        return hot.Concat(done).MinBy(static s => s.Number)?.Name;
    }

    private static void Rerun(SqliteSession session, WorkflowId workflow, List<EndedStep> steps, DateTimeOffset now)
    {
        foreach (var step in steps)
        {
            if (step.Tally.Pending == 0)
            {
                session.Steps.Ledger.Reopened(workflow, step.Step.Next, StepLedger.EndOf(step.State, step.Tally));
            }

            Reopen(session, step.Id, now);
        }

        _ = session[s_retryWorkflow].Bind(1, workflow).Run();
        Follow(session, now);

        // Only now it is known which of them wait for others that run again.
        foreach (var step in steps)
        {
            var statement = session[s_child].Bind(1, step.Id);
            if (!statement.Step())
            {
                continue;
            }

            var (seq, tally, queue) = (statement.Long(0), StepTally.Of(statement.Int(21), statement.Long(22)), statement.Long(2));
            var decided = statement.Int(20) == (int)JobState.Waiting && tally.Pending == 0;
            statement.Reset();
            if (decided && !tally.Runs(step.Step.Rule, step.Step.Role))
            {
                // It was cancelled while it waited, and something before it has failed since.
                Finish(session, seq, step.Id, new Ending(JobState.Skipped, default) { Step = step.Step, Tally = tally }, now);
            }
            else if (decided)
            {
                Release(session, seq, tally, null, queue, now);
            }
        }

        Follow(session, now);
        _ = session.Steps.Take();
    }

    /// <inheritdoc/>
    public ValueTask<WorkflowDeleteResult> DeleteWorkflowAsync(WorkflowId id, DateTimeOffset now, CancellationToken cancellationToken) =>
        Write(session =>
        {
            if (session[s_workflowState].Bind(1, id).Number() is null)
            {
                return WorkflowDeleteResult.NotFound;
            }

            if (HotSteps(session, id).Exists(static s => s.State == JobState.Running))
            {
                return WorkflowDeleteResult.StillRunning;
            }

            Drop(session, id);
            return WorkflowDeleteResult.Deleted;
        }, cancellationToken);

    private static void Drop(SqliteSession session, WorkflowId id)
    {
        var last = LastOf(id);
        _ = session[s_dropHot].Bind(1, id).Bind(2, last).Run();
        _ = session[s_dropEnded].Bind(1, id).Bind(2, last).Run();
        _ = session[s_dropErrors].Bind(1, id).Bind(2, last).Run();
        _ = session[s_dropGates].Bind(1, id).Run();
        _ = session[s_dropWorkflow].Bind(1, id).Run();
    }

    private static List<HotStep> HotSteps(SqliteSession session, WorkflowId id)
    {
        var steps = new List<HotStep>();
        var statement = session[s_hotSteps].Bind(1, id).Bind(2, LastOf(id));
        while (statement.Step())
        {
            var job = statement.IdOrStandIn(1);
            steps.Add(new HotStep(statement.Long(0), Public(statement.Int(2)), statement.Int(3), statement.LongOrNull(4) ?? 0, job,
                StepDraft.ReadOrStandIn(job, statement.Blob(5))));
        }

        return steps;
    }

    private static List<EndedStep> EndedSteps(SqliteSession session, WorkflowId id)
    {
        var steps = new List<EndedStep>();
        var statement = session[s_endedSteps].Bind(1, id).Bind(2, LastOf(id));
        while (statement.Step())
        {
            var job = statement.IdOrStandIn(0);
            steps.Add(new EndedStep((JobState)statement.Int(1), StepTally.Of(statement.Int(2), statement.Long(3)), job,
                StepDraft.ReadOrStandIn(job, statement.Blob(4))));
        }

        return steps;
    }
}
