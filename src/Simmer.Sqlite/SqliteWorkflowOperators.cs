using Simmer.Storage;
using Simmer.Storage.Decisions;

namespace Simmer.Sqlite;

/// <summary>What operators, and applications, do to workflows.</summary>
/// <param name="context">The store.</param>
internal sealed class SqliteWorkflowOperators(SqliteContext context)
{
    private static readonly Sql s_cancel =
        new("UPDATE simmer_workflow SET cancel_requested = 1, reason = ?2, version = version + 1 WHERE id = ?1 AND cancel_requested = 0");

    /// <inheritdoc cref="IJobStore.CancelWorkflowAsync"/>
    public ValueTask<WorkflowCancelReport> CancelAsync(WorkflowId id, string? reason, DateTimeOffset now,
        CancellationToken cancellationToken) =>
        context.WriteEach((session, careful) => Cancel(session, id, StoreRules.Cut(reason, StoreRules.LongestReason), now, careful),
            cancellationToken);

    /// <inheritdoc cref="IJobStore.RetryWorkflowAsync"/>
    public ValueTask<RetryResult> RetryAsync(WorkflowRetryRequest request, DateTimeOffset now, CancellationToken cancellationToken) =>
        context.WriteEach((session, careful) => RetryWorkflows.Retry(session, request, now, careful), cancellationToken);

    /// <inheritdoc cref="IJobStore.DeleteWorkflowAsync"/>
    public ValueTask<DeleteResult> DeleteAsync(WorkflowId id, CancellationToken cancellationToken) =>
        context.Write(session =>
        {
            if (WorkflowLookup.StateOf(session, id) is null)
            {
                return DeleteResult.NotFound;
            }

            if (WorkflowSteps.Hot(session, id).Exists(static s => s.Row.State == JobState.Running))
            {
                return DeleteResult.StillRunning;
            }

            WorkflowSteps.Delete(session, id);
            return DeleteResult.Deleted;
        }, cancellationToken);

    private static WorkflowCancelReport Cancel(SqliteSession session, WorkflowId id, string? reason, DateTimeOffset now, bool careful)
    {
        if (WorkflowLookup.StateOf(session, id) is null)
        {
            return new WorkflowCancelReport(CancelResult.NotFound, [], ReleaseReport.Nothing);
        }

        var unfinished = WorkflowSteps.Hot(session, id).FindAll(static s => CancelDecision.Concerns(s.Step.Role, s.Row.State));
        if (unfinished.Count == 0)
        {
            return new WorkflowCancelReport(CancelDecision.ForWorkflow(0, 0), [], ReleaseReport.Nothing);
        }

        NoteCancel(session, id, reason, careful);
        var running = new List<(WorkerId, LeaseToken)>();
        var refused = new List<(JobId, StoreException Error)>();
        foreach (var step in unfinished)
        {
            // Done carefully, each is looked for anew: what followed from one before it may have ended it.
            var report = careful
                ? CancelJobs.CancelCarefully(session, step.Id, reason, now)
                : CancelJobs.Cancel(session, step.Row, step.Id, reason, now);
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

        return new WorkflowCancelReport(CancelDecision.ForWorkflow(unfinished.Count, running.Count), running, session.Steps.Take())
        {
            Refused = refused,
        };

        // Links that lead nowhere, or come from nowhere, must not keep it from its end.
        void FollowLost()
        {
            session.Steps.Ledger.Lost(id);
            WorkflowFollow.Follow(session, now);
        }
    }

    private static void NoteCancel(SqliteSession session, WorkflowId id, string? reason, bool careful)
    {
        if (!careful)
        {
            _ = session[s_cancel].Bind(1, id).Bind(2, reason).Run();
        }
        else if (session.Try(("cancel", id), () => session[s_cancel].Bind(1, id).Bind(2, reason).Run()) is { } refused
            && (reason is null || session.Try(("cancel with a mark", id),
                () => session[s_cancel].Bind(1, id).Bind(2, StoreRules.RefusedText).Run()) is not null))
        {
            throw StoreFaults.Refusal(refused, $"the cancel of workflow {id}");
        }
    }
}
