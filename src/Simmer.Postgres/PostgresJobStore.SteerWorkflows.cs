using Simmer.Storage;

namespace Simmer.Postgres;

internal sealed partial class PostgresJobStore
{
    private const string HotStepsSql = $"SELECT {HeldJob.Columns} FROM simmer.job j WHERE j.id > $1 AND j.id <= $2 AND j.step IS NOT NULL ORDER BY j.id FOR UPDATE OF j";
    private const string EndedStepsSql = $"SELECT {EndedStep.Columns} FROM simmer.history j WHERE j.keep_until = {KeptForEver} AND j.id > $1 AND j.id <= $2 AND j.step IS NOT NULL ORDER BY j.id";
    private const string CancelWorkflowSql = "UPDATE simmer.workflow SET cancel_requested = true, reason = $2, version = version + 1 WHERE id = $1 AND NOT cancel_requested";
    private const string RetryWorkflowSql = "UPDATE simmer.workflow SET cancel_requested = false, reason = NULL, version = version + 1 WHERE id = $1";
    private const string DropHotSql = "DELETE FROM simmer.job WHERE id > $1 AND id <= $2 AND step IS NOT NULL";
    private const string DropEndedSql = $"DELETE FROM simmer.history WHERE keep_until = {KeptForEver} AND id > $1 AND id <= $2 AND step IS NOT NULL";
    private const string DropStepErrorsSql = "DELETE FROM simmer.error WHERE job > $1 AND job <= $2";
    private const string DropStepNotesSql = "DELETE FROM simmer.progress WHERE job > $1 AND job <= $2";
    private const string DropGatesSql = "DELETE FROM simmer.gate WHERE workflow = $1";
    private const string DropWorkflowSql = "DELETE FROM simmer.workflow WHERE id = $1";

    /// <inheritdoc/>
    public ValueTask<WorkflowCancelReport> CancelWorkflowAsync(WorkflowId id, string? reason, DateTimeOffset now, CancellationToken cancellationToken) =>
        Operate(now, async (session, at) =>
        {
            reason = StoreRules.Cut(reason, StoreRules.LongestReason);
            if (!await LockAsync(session, id))
            {
                return new WorkflowCancelReport(CancelResult.NotFound, [], ReleaseReport.Nothing);
            }

            var unfinished = (await HotStepsAsync(session, id)).FindAll(static s => s.Step is { Role: StepRole.Step });
            if (unfinished.Count == 0)
            {
                return new WorkflowCancelReport(CancelResult.AlreadyFinished, [], ReleaseReport.Nothing);
            }

            var running = await WithReasonAsync(session, reason, why => CancelAsync(session, id, unfinished, why, at));
            return new WorkflowCancelReport(running.Count == 0 ? CancelResult.Cancelled : CancelResult.Requested, running, session.Steps.Report(session.Ahead));
        }, cancellationToken, weight: 60_000);

    private static async Task<List<(WorkerId, LeaseToken)>> CancelAsync(Session session, WorkflowId id, List<HeldJob> unfinished, string? reason, DateTimeOffset now)
    {
        await session.Batch().Add(CancelWorkflowSql).Bind(id).Bind(reason).RunAsync();
        var running = new List<(WorkerId, LeaseToken)>();
        foreach (var step in unfinished)
        {
            var report = Cancel(session, step, reason, default);
            if (report.Result == CancelResult.Requested)
            {
                running.Add((report.Owner, new LeaseToken(step.Id, report.Run)));
            }
        }

        // What links lead nowhere, or from nowhere, must not keep it from its end.
        session.Steps.Ledger.Lost(id);
        await FollowUpAsync(session, now);
        return running;
    }

    /// <inheritdoc/>
    public ValueTask<RetryResult> RetryWorkflowAsync(WorkflowRetryRequest request, DateTimeOffset now, CancellationToken cancellationToken) =>
        Operate(now, (session, at) => RetryAsync(session, request, at), cancellationToken, weight: 60_000);

    private static async Task<RetryResult> RetryAsync(Session session, WorkflowRetryRequest request, DateTimeOffset now)
    {
        if (!await LockAsync(session, request.Workflow))
        {
            return new RetryResult(RetryStatus.NotFound, JobState.Unknown);
        }

        var ended = await EndedStepsAsync(session, request.Workflow);
        List<EndedStep> steps;
        if (request.Step is { } one)
        {
            steps = ended.FindAll(s => s.Id == one);
            if (steps.Count == 0)
            {
                var rows = new Whereabouts();
                var batch = session.Batch();
                rows.Ask(batch, [one]);
                await batch.RunAsync();
                var state = rows.StateOf(one);
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

        if (!request.Force && steps.Exists(static s => s.Step.Role == StepRole.Step) && await BegunUndoAsync(session, request.Workflow, ended) is { } begun)
        {
            return new RetryResult(RetryStatus.Compensated, steps[0].State, Compensation: begun);
        }

        return new RetryResult(RetryStatus.Retried, await RerunAsync(session, request.Workflow, steps, now));
    }

    /// <summary>The first undo step that has started, or was kept from it.</summary>
    private static async Task<string?> BegunUndoAsync(Session session, WorkflowId workflow, List<EndedStep> ended)
    {
        var hot = (await HotStepsAsync(session, workflow)).Where(static s => s.Step is { Role: StepRole.Undo } && s.State != JobState.Waiting).Select(static s => s.Step!);
        var done = ended.Where(static s => s.Step.Role == StepRole.Undo && s.State != JobState.Skipped).Select(static s => s.Step);
        return hot.Concat(done).MinBy(static s => s.Number)?.Name;
    }

    /// <returns>The state of the first step.</returns>
    private static async Task<JobState> RerunAsync(Session session, WorkflowId workflow, List<EndedStep> steps, DateTimeOffset now)
    {
        foreach (var step in steps)
        {
            session.Steps.Rerun(step);
        }

        await session.Batch().Add(RetryWorkflowSql).Bind(workflow).RunAsync();
        await session.Steps.FollowAsync(session, now, steps.ConvertAll(static s => s.Id));
        var rows = new Whereabouts();
        var batch = session.Batch();
        rows.Ask(batch, [steps[0].Id]);
        await batch.RunAsync();
        return rows.StateOf(steps[0].Id);
    }

    /// <inheritdoc/>
    public ValueTask<WorkflowDeleteResult> DeleteWorkflowAsync(WorkflowId id, DateTimeOffset now, CancellationToken cancellationToken) =>
        Operate(async session =>
        {
            if (!await LockAsync(session, id))
            {
                return WorkflowDeleteResult.NotFound;
            }

            if ((await HotStepsAsync(session, id)).Exists(static s => s.State == JobState.Running))
            {
                return WorkflowDeleteResult.StillRunning;
            }

            var batch = session.Batch();
            Drop(batch, id);
            await batch.RunAsync();
            return WorkflowDeleteResult.Deleted;
        }, cancellationToken, weight: 60_000);

    private static void Drop(SqlBatch batch, WorkflowId id)
    {
        var last = LastOf(id);
        _ = batch
            .Add(DropHotSql).Bind(id).Bind(last)
            .Add(DropEndedSql).Bind(id).Bind(last)
            .Add(DropStepErrorsSql).Bind(id).Bind(last)
            .Add(DropStepNotesSql).Bind(id).Bind(last)
            .Add(DropGatesSql).Bind(id)
            .Add(DropWorkflowSql).Bind(id);
    }

    private static async Task<bool> LockAsync(Session session, WorkflowId id)
    {
        var found = false;
        var batch = session.Batch();
        StepBook.Lock(batch, [id], _ => found = true);
        await batch.RunAsync();
        return found;
    }

    private static async Task<List<HeldJob>> HotStepsAsync(Session session, WorkflowId id)
    {
        var steps = new List<HeldJob>();
        await session.Batch().Add(HotStepsSql).Bind(id).Bind(LastOf(id)).Each(row => steps.Add(HeldJob.Read(row))).RunAsync();
        return steps;
    }

    private static async Task<List<EndedStep>> EndedStepsAsync(Session session, WorkflowId id)
    {
        var steps = new List<EndedStep>();
        await session.Batch().Add(EndedStepsSql).Bind(id).Bind(LastOf(id)).Each(row => steps.Add(EndedStep.Read(row))).RunAsync();
        return steps;
    }
}
