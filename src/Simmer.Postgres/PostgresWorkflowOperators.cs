using Simmer.Storage;
using Simmer.Storage.Decisions;

namespace Simmer.Postgres;

/// <summary>What operators do with whole workflows.</summary>
internal sealed class PostgresWorkflowOperators(StoreTransactions transactions)
{
    /// <summary>A workflow may have many steps: its verbs may take a minute longer.</summary>
    private const int Weight = 60_000;

    private const string CancelSql =
        "UPDATE simmer.workflow SET cancel_requested = true, reason = $2, version = version + 1 WHERE id = $1 AND NOT cancel_requested";

    /// <inheritdoc cref="IJobStore.CancelWorkflowAsync"/>
    public ValueTask<WorkflowCancelReport> CancelAsync(WorkflowId id, string? reason, DateTimeOffset now,
        CancellationToken cancellationToken) =>
        transactions.OperateAsync(now, (session, at) => CancelAsync(session, id, StoreRules.Cut(reason, StoreRules.LongestReason), at),
            cancellationToken, Weight);

    /// <inheritdoc cref="IJobStore.RetryWorkflowAsync"/>
    public ValueTask<RetryResult> RetryAsync(WorkflowRetryRequest request, DateTimeOffset now, CancellationToken cancellationToken) =>
        transactions.OperateAsync(now, (session, at) => RetryWorkflows.RunAsync(session, request, at), cancellationToken, Weight);

    /// <inheritdoc cref="IJobStore.DeleteWorkflowAsync"/>
    public ValueTask<DeleteResult> DeleteAsync(WorkflowId id, CancellationToken cancellationToken) =>
        transactions.OperateAsync(async session =>
        {
            if (!await WorkflowRows.LockAsync(session, id))
            {
                return DeleteResult.NotFound;
            }

            if ((await WorkflowRows.HotStepsAsync(session, id)).Exists(static step => step.State == JobState.Running))
            {
                return DeleteResult.StillRunning;
            }

            var batch = session.Batch();
            WorkflowRows.Drop(batch, id);
            await batch.RunAsync();
            return DeleteResult.Deleted;
        }, cancellationToken, Weight);

    private static async Task<WorkflowCancelReport> CancelAsync(Session session, WorkflowId id, string? reason, DateTimeOffset now)
    {
        if (!await WorkflowRows.LockAsync(session, id))
        {
            return new WorkflowCancelReport(CancelResult.NotFound, [], ReleaseReport.Nothing);
        }

        var concerned = (await WorkflowRows.HotStepsAsync(session, id))
            .FindAll(static job => job.Step is { } step && CancelDecision.Concerns(step.Role, job.State));
        if (concerned.Count == 0)
        {
            return new WorkflowCancelReport(CancelDecision.ForWorkflow(0, 0), [], ReleaseReport.Nothing);
        }

        await NoteAsync(session, id, reason);
        var reports = await CancelJobs.EachAsync(session, concerned.Select(static job => job.Id), reason, now);
        var refused = reports.Where(static r => r.Value.Error is not null).Select(static r => (r.Key, r.Value.Error!)).ToList();
        if (refused.Count == concerned.Count)
        {
            throw refused[0].Item2;
        }

        // Links that lead to no step, or come from none, must not keep the workflow from its end.
        _ = await session.TryAsync("lost links", () =>
        {
            session.Steps.Ledger.Lost(id);
            return session.FollowUpAsync(now);
        });
        var running = reports.Where(static r => r.Value.Result == CancelResult.Requested)
            .Select(static r => (r.Value.Owner, new LeaseToken(r.Key, r.Value.Run))).ToList();
        return new WorkflowCancelReport(CancelDecision.ForWorkflow(concerned.Count, running.Count), running,
            session.Steps.Report(session.Ahead)) { Refused = refused };
    }

    /// <summary>Notes that the workflow was cancelled; with a mark in place of a reason that the database refuses.</summary>
    private static async Task NoteAsync(Session session, WorkflowId id, string? reason)
    {
        if (await session.TryAsync("cancel workflow", () => WriteAsync(reason)) is { } refused
            && (reason is null
                || await session.TryAsync("cancel workflow with a mark", () => WriteAsync(StoreRules.RefusedText)) is not null))
        {
            throw StoreFaults.Refusal(refused, $"the cancel of workflow {id}");
        }

        Task WriteAsync(string? why) => session.Batch().Add(CancelSql).Bind(id).Bind(why).RunAsync();
    }
}
