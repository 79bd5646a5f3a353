using Simmer.Storage;
using Simmer.Storage.Decisions;

namespace Simmer.Postgres;

/// <summary>Runs steps of a workflow again, with those after them.</summary>
internal static class RetryWorkflows
{
    private const string RetrySql =
        "UPDATE simmer.workflow SET cancel_requested = false, reason = NULL, version = version + 1 WHERE id = $1";

    public static async Task<RetryResult> RunAsync(Session session, WorkflowRetryRequest request, DateTimeOffset now)
    {
        if (!await WorkflowRows.LockAsync(session, request.Workflow))
        {
            return new RetryResult(RetryStatus.NotFound, JobState.Unknown);
        }

        var ended = (await WorkflowRows.EndedStepsAsync(session, request.Workflow))
            .ConvertAll(static step => new RetryStep(step.Id, step.State, step.Step));
        var retry = RetryDecision.ForWorkflow(request, ended);
        if (retry.Status == RetryStatus.NotFound && request.Step is { } missing)
        {
            return RetryDecision.ForMissing((await JobLookup.OfAsync(session, missing)).StateOf(missing));
        }

        if (retry.Status != RetryStatus.Retried)
        {
            return new RetryResult(retry.Status, retry.State);
        }

        if (retry.MindsUndo && await BegunUndoAsync(session, request.Workflow, ended) is { } begun)
        {
            return new RetryResult(RetryStatus.Compensated, retry.State, Compensation: begun);
        }

        return await RerunEachAsync(session, request.Workflow, [.. retry.Steps.Select(static step => step.Id)], now);
    }

    /// <summary>The first undo step that has started, or was kept from it by a cancel.</summary>
    private static async Task<string?> BegunUndoAsync(Session session, WorkflowId workflow, List<RetryStep> ended)
    {
        var hot = (await WorkflowRows.HotStepsAsync(session, workflow)).FindAll(static job => job.Step is not null)
            .ConvertAll(static job => new RetryStep(job.Id, job.State, job.Step!));
        return RetryDecision.Begun(hot.Concat(ended));
    }

    /// <summary>Runs steps again. Those that the database refuses stay as they are.</summary>
    private static async Task<RetryResult> RerunEachAsync(Session session, WorkflowId workflow, List<JobId> steps, DateTimeOffset now)
    {
        var refused = await session.TryEachAsync("run again", steps, some => RerunAsync(session, workflow, some, now));
        var state = (await JobLookup.OfAsync(session, steps[0])).StateOf(steps[0]);
        return new RetryResult(refused.Count < steps.Count ? RetryStatus.Retried : RetryStatus.NotRetryable, state)
        {
            Error = refused.Count == 0 ? null : StoreFaults.Refusal(refused[0].Error, $"the retry of step {refused[0].Item}"),
        };
    }

    private static async Task RerunAsync(Session session, WorkflowId workflow, IReadOnlyList<JobId> steps, DateTimeOffset now)
    {
        var again = steps.ToHashSet();

        // Read anew: a step that ran again before these may be what they wait for.
        foreach (var step in (await WorkflowRows.EndedStepsAsync(session, workflow)).Where(s => again.Contains(s.Id)))
        {
            session.Steps.Rerun(step);
        }

        await session.Batch().Add(RetrySql).Bind(workflow).RunAsync();
        await session.Steps.FollowAsync(session, now, steps);
    }
}
