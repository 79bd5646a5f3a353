using Simmer.Storage;

namespace Simmer.Postgres;

internal sealed partial class PostgresJobStore
{
    private const string HotStepsSql =
        $"SELECT {HeldJob.Columns} FROM simmer.job j WHERE j.id > $1 AND j.id <= $2 AND j.step IS NOT NULL ORDER BY j.id FOR UPDATE OF j";
    private const string EndedStepsSql =
        $"SELECT {EndedStep.Columns} FROM simmer.history j WHERE j.keep_until = {KeptForEver} AND j.id > $1 AND j.id <= $2 AND j.step IS "
            + "NOT NULL ORDER BY j.id";
    private const string CancelWorkflowSql =
        "UPDATE simmer.workflow SET cancel_requested = true, reason = $2, version = version + 1 WHERE id = $1 AND NOT cancel_requested";
    private const string RetryWorkflowSql =
        "UPDATE simmer.workflow SET cancel_requested = false, reason = NULL, version = version + 1 WHERE id = $1";
    private const string DropHotSql = "DELETE FROM simmer.job WHERE id > $1 AND id <= $2 AND step IS NOT NULL";
    private const string DropEndedSql =
        $"DELETE FROM simmer.history WHERE keep_until = {KeptForEver} AND id > $1 AND id <= $2 AND step IS NOT NULL";
    private const string DropStepErrorsSql = "DELETE FROM simmer.error WHERE job > $1 AND job <= $2";
    private const string DropStepNotesSql = "DELETE FROM simmer.progress WHERE job > $1 AND job <= $2";
    private const string DropGatesSql = "DELETE FROM simmer.gate WHERE workflow = $1";
    private const string DropWorkflowSql = "DELETE FROM simmer.workflow WHERE id = $1";

    /// <inheritdoc/>
    public ValueTask<WorkflowCancelReport> CancelWorkflowAsync(WorkflowId id, string? reason, DateTimeOffset now,
        CancellationToken cancellationToken) =>
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

            await NoteCancelAsync(session, id, reason);
            var reports = await CancelEachAsync(session, unfinished.Select(static s => s.Id), reason, default, at);
            var refused = reports.Where(static r => r.Value.Error is not null).Select(static r => (r.Key, r.Value.Error!)).ToList();
            if (refused.Count == unfinished.Count)
            {
                throw refused[0].Item2;
            }

            // What links lead nowhere, or from nowhere, must not keep it from its end.
            _ = await session.TryAsync("lost links", () =>
            {
                session.Steps.Ledger.Lost(id);
                return FollowUpAsync(session, at);
            });
            var running = reports.Where(static r => r.Value.Result == CancelResult.Requested)
                .Select(static r => (r.Value.Owner, new LeaseToken(r.Key, r.Value.Run))).ToList();
            return new WorkflowCancelReport(running.Count == 0 ? CancelResult.Cancelled : CancelResult.Requested, running,
                session.Steps.Report(session.Ahead)) { Refused = refused };
        }, cancellationToken, weight: 60_000);

    /// <summary>Notes that the workflow was cancelled; with a mark in place of a reason that the database refuses.</summary>
    private static async Task NoteCancelAsync(Session session, WorkflowId id, string? reason)
    {
        if (await session.TryAsync("cancel workflow", () => NoteAsync(reason)) is { } refused
            && (reason is null || await session
                .TryAsync("cancel workflow with a mark", () => NoteAsync(StoreRules.RefusedText)) is not null))
        {
            throw StoreFaults.Refusal(refused, $"the cancel of workflow {id}");
        }

        Task NoteAsync(string? why) => session.Batch().Add(CancelWorkflowSql).Bind(id).Bind(why).RunAsync();
    }

    /// <inheritdoc/>
    public ValueTask<RetryResult> RetryWorkflowAsync(WorkflowRetryRequest request, DateTimeOffset now,
        CancellationToken cancellationToken) =>
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
                var rows = new JobLookup();
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

        if (!request.Force && steps.Exists(static s => s.Step.Role == StepRole.Step)
            && await BegunUndoAsync(session, request.Workflow, ended) is { } begun)
        {
            return new RetryResult(RetryStatus.Compensated, steps[0].State, Compensation: begun);
        }

        return await RerunEachAsync(session, request.Workflow, steps.ConvertAll(static s => s.Id), now);
    }

    /// <summary>The first undo step that has started, or was kept from it.</summary>
    private static async Task<string?> BegunUndoAsync(Session session, WorkflowId workflow, List<EndedStep> ended)
    {
        var hot = (await HotStepsAsync(session, workflow))
            .Where(static s => s.Step is { Role: StepRole.Undo } && s.State != JobState.Waiting).Select(static s => s.Step!);
        var done = ended.Where(static s => s.Step.Role == StepRole.Undo && s.State != JobState.Skipped).Select(static s => s.Step);
        return hot.Concat(done).MinBy(static s => s.Number)?.Name;
    }

    /// <summary>Runs steps again. Those that the database refuses stay as they are.</summary>
    private static async Task<RetryResult> RerunEachAsync(Session session, WorkflowId workflow, List<JobId> steps, DateTimeOffset now)
    {
        var refused = await session.TryEachAsync("run again", steps, some => RerunAsync(session, workflow, some, now));
        var rows = new JobLookup();
        var batch = session.Batch();
        rows.Ask(batch, [steps[0]]);
        await batch.RunAsync();
        return new RetryResult(refused.Count < steps.Count ? RetryStatus.Retried : RetryStatus.NotRetryable, rows.StateOf(steps[0]))
        {
            Error = refused.Count == 0 ? null : StoreFaults.Refusal(refused[0].Error, $"the retry of step {refused[0].Item}"),
        };
    }

    private static async Task RerunAsync(Session session, WorkflowId workflow, IReadOnlyList<JobId> steps, DateTimeOffset now)
    {
        var again = steps.ToHashSet();

        // As they stand by now: what ran again before them may be what they wait for.
        foreach (var step in (await EndedStepsAsync(session, workflow)).Where(s => again.Contains(s.Id)))
        {
            session.Steps.Rerun(step);
        }

        await session.Batch().Add(RetryWorkflowSql).Bind(workflow).RunAsync();
        await session.Steps.FollowAsync(session, now, steps);
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
        WorkflowChanges.Lock(batch, [id], _ => found = true);
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
