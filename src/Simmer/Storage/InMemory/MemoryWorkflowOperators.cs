using Simmer.Storage.Decisions;

namespace Simmer.Storage.InMemory;

/// <summary>What people do to workflows by hand.</summary>
internal sealed class MemoryWorkflowOperators(MemoryTables tables, JobEnds jobEnds, WorkflowEnds workflowEnds, FollowUp follow)
{
    public WorkflowCancelReport Cancel(WorkflowId id, string? reason, DateTimeOffset now)
    {
        reason = StoreRules.Cut(reason, StoreRules.LongestReason);
        if (!tables.Workflows.TryGetValue(id, out var workflow))
        {
            return new WorkflowCancelReport(CancelResult.NotFound, [], ReleaseReport.Nothing);
        }

        var concerned = workflow.Steps.FindAll(static s => CancelDecision.Concerns(s.Job.Step!.Role, s.State));
        if (concerned.Count > 0 && !workflow.CancelRequested)
        {
            (workflow.CancelRequested, workflow.Reason) = (true, reason);
            workflow.Version++;
        }

        var running = new List<(WorkerId, LeaseToken)>();
        foreach (var row in concerned)
        {
            var report = jobEnds.Cancel(row, reason, now);
            if (report.Result == CancelResult.Requested)
            {
                running.Add((report.Owner, new LeaseToken(row.Id, report.Run)));
            }
        }

        return new WorkflowCancelReport(CancelDecision.ForWorkflow(concerned.Count, running.Count), running, follow.Run(now));
    }

    public RetryResult Retry(WorkflowRetryRequest request, DateTimeOffset now)
    {
        if (!tables.Workflows.TryGetValue(request.Workflow, out var workflow))
        {
            return new RetryResult(RetryStatus.NotFound, JobState.Unknown);
        }

        var steps = workflow.Steps.ConvertAll(static s => new RetryStep(s.Id, s.State, s.Job.Step!));
        var retry = RetryDecision.ForWorkflow(request, steps);
        if (retry.Status == RetryStatus.NotFound)
        {
            return RetryDecision.ForMissing(tables.StateOf(request.Step!.Value));
        }

        if (retry.Status != RetryStatus.Retried)
        {
            return new RetryResult(retry.Status, retry.State);
        }

        if (retry.MindsUndo && RetryDecision.Begun(steps) is { } begun)
        {
            return new RetryResult(RetryStatus.Compensated, retry.State, Compensation: begun);
        }

        Rerun(workflow, retry.Steps, now);
        return new RetryResult(RetryStatus.Retried, tables.StateOf(retry.Steps[0].Id));
    }

    public DeleteResult Delete(WorkflowId id)
    {
        if (!tables.Workflows.TryGetValue(id, out var workflow))
        {
            return DeleteResult.NotFound;
        }

        if (workflow.Steps.Exists(static s => s.State == JobState.Running))
        {
            return DeleteResult.StillRunning;
        }

        workflowEnds.Forget(workflow);
        return DeleteResult.Deleted;
    }

    private void Rerun(WorkflowRow workflow, IReadOnlyList<RetryStep> steps, DateTimeOffset now)
    {
        foreach (var step in steps)
        {
            follow.Reopen(tables.Jobs[step.Id]);
        }

        (workflow.CancelRequested, workflow.Reason) = (false, null);
        workflow.Version++;
        _ = follow.Run(now);

        // Only now it is known which of them wait for others that run again.
        foreach (var step in steps)
        {
            follow.Rerun(tables.Jobs[step.Id], now);
        }

        _ = follow.Run(now);
    }
}
