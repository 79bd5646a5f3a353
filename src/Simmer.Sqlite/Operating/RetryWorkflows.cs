using Simmer.Storage;
using Simmer.Storage.Decisions;

namespace Simmer.Sqlite;

/// <summary>Runs steps of workflows again.</summary>
internal static class RetryWorkflows
{
    private static readonly Sql s_retried =
        new("UPDATE simmer_workflow SET cancel_requested = 0, reason = NULL, version = version + 1 WHERE id = ?1");

    /// <summary>Runs a step, or all of a workflow's steps that can run again.</summary>
    public static RetryResult Retry(SqliteSession session, in WorkflowRetryRequest request, DateTimeOffset now, bool careful = false)
    {
        var workflow = request.Workflow;
        if (WorkflowLookup.StateOf(session, workflow) is null)
        {
            return new RetryResult(RetryStatus.NotFound, JobState.Unknown);
        }

        var ended = WorkflowSteps.Ended(session, workflow);
        var retry = RetryDecision.ForWorkflow(request, ended.ConvertAll(static s => new RetryStep(s.Id, s.State, s.Step)));
        if (retry.Status != RetryStatus.Retried)
        {
            return retry.Status == RetryStatus.NotFound && request.Step is { } one
                ? RetryDecision.ForMissing(JobLookup.StateOf(session, one))
                : new RetryResult(retry.Status, retry.State);
        }

        if (retry.MindsUndo && BegunUndo(session, workflow, ended) is { } begun)
        {
            return new RetryResult(RetryStatus.Compensated, retry.State, Compensation: begun);
        }

        var again = retry.Steps.Select(static s => s.Id).ToHashSet();
        var steps = ended.FindAll(s => again.Contains(s.Id));
        if (careful)
        {
            return RerunCarefully(session, workflow, steps, now);
        }

        Rerun(session, workflow, steps, now);
        return new RetryResult(RetryStatus.Retried, JobLookup.StateOf(session, steps[0].Id));
    }

    /// <summary>Runs steps again, each behind a savepoint with all that follows from it.</summary>
    private static RetryResult RerunCarefully(SqliteSession session, WorkflowId workflow, List<EndedStep> steps, DateTimeOffset now)
    {
        // Each as it stands by then: one that ran again before it may be what it waits for.
        var refused = session.ForEach(steps.ConvertAll(static s => s.Id), careful: true,
            id => Rerun(session, workflow, WorkflowSteps.Ended(session, workflow).FindAll(s => s.Id == id), now));
        return new RetryResult(refused.Count < steps.Count ? RetryStatus.Retried : RetryStatus.NotRetryable,
            JobLookup.StateOf(session, steps[0].Id))
        {
            Error = refused.Count == 0 ? null : StoreFaults.Refusal(refused[0].Error, $"the retry of step {refused[0].Item}"),
        };
    }

    private static string? BegunUndo(SqliteSession session, WorkflowId workflow, List<EndedStep> ended) =>
        RetryDecision.Begun(WorkflowSteps.Hot(session, workflow).Select(static s => new RetryStep(s.Id, s.Row.State, s.Step))
            .Concat(ended.Select(static s => new RetryStep(s.Id, s.State, s.Step))));

    private static void Rerun(SqliteSession session, WorkflowId workflow, List<EndedStep> steps, DateTimeOffset now)
    {
        foreach (var step in steps)
        {
            if (FollowDecision.Tells(step.Tally.Pending))
            {
                session.Steps.Ledger.Reopened(workflow, step.Step.Next, StepLedger.EndOf(step.State, step.Tally));
            }

            JobHistory.Reopen(session, step.Id);
        }

        _ = session[s_retried].Bind(1, workflow).Run();
        WorkflowFollow.Follow(session, now);

        // Only now it is known which of them wait for others that run again.
        foreach (var step in steps)
        {
            DecideAfterFollowing(session, step, now);
        }

        WorkflowFollow.Follow(session, now);
        _ = session.Steps.Take();
    }

    private static void DecideAfterFollowing(SqliteSession session, in EndedStep step, DateTimeOffset now)
    {
        if (StepRows.Find(session, step.Id) is not { } statement)
        {
            return;
        }

        var (seq, queue) = StepRows.RowOf(statement);
        var (state, tally) = (StepRows.StateOf(statement), StepRows.TallyOf(statement));
        statement.Reset();
        switch (RetryDecision.AfterFollowing(state, tally, step.Step))
        {
            case StepMove.Skipped:
                StepRows.Skip(session, seq, step.Id, step.Step, tally, now);
                break;
            case StepMove.Released:
                StepRows.Release(session, seq, tally, null, queue, now);
                break;
        }
    }
}
