using Simmer.Storage;
using Simmer.Storage.Decisions;

namespace Simmer.Tests.Decisions;

/// <summary>What a store must guarantee, and what <see cref="RetryStatus"/> promises.</summary>
public sealed class RetryDecisionTests
{
    [Theory]
    [InlineData(JobState.Unknown, RetryStatus.NotFound)]
    [InlineData(JobState.Waiting, RetryStatus.NotRetryable)]
    [InlineData(JobState.Scheduled, RetryStatus.NotRetryable)]
    [InlineData(JobState.Ready, RetryStatus.NotRetryable)]
    [InlineData(JobState.Running, RetryStatus.NotRetryable)]
    [InlineData(JobState.Succeeded, RetryStatus.NotRetryable)]
    [InlineData(JobState.Failed, RetryStatus.Retried)]
    [InlineData(JobState.Cancelled, RetryStatus.Retried)]
    [InlineData(JobState.Skipped, RetryStatus.NotRetryable)]
    public void Only_failed_and_cancelled_jobs_run_again(JobState state, RetryStatus expected)
    {
        RetryDecision.For(state).ShouldBe(expected);
        (expected != RetryStatus.Retried || JobTransitions.IsLegal(state, JobState.Ready)).ShouldBeTrue("the store makes that move");
    }

    /// <summary>A step a letter for its role (Step, Undo, onFailure, fInally; Damaged: nobody knows) and its state.</summary>
    [Theory]
    [InlineData("S:Failed", RetryStatus.Retried, "1", true)]
    [InlineData("S:Cancelled", RetryStatus.Retried, "1", true)]
    [InlineData("S:Succeeded S:Failed S:Skipped S:Cancelled", RetryStatus.Retried, "2 4", true)]
    [InlineData("S:Failed F:Failed I:Cancelled", RetryStatus.Retried, "1 2 3", true)]
    [InlineData("S:Succeeded F:Failed", RetryStatus.Retried, "2", false)]
    [InlineData("S:Failed U:Failed", RetryStatus.Retried, "1", true)]
    [InlineData("S:Succeeded U:Failed", RetryStatus.NotRetryable, "", false)]
    [InlineData("D:Failed S:Failed", RetryStatus.Retried, "2", true)]
    [InlineData("D:Failed", RetryStatus.NotRetryable, "", false)]
    [InlineData("S:Running S:Waiting S:Succeeded S:Skipped", RetryStatus.NotRetryable, "", false)]
    [InlineData("", RetryStatus.NotRetryable, "", false)]
    public void A_workflow_runs_what_failed_or_was_cancelled_again_but_for_what_undoes(string steps, RetryStatus expected, string again,
        bool mindsUndo)
    {
        var retry = RetryDecision.ForWorkflow(new WorkflowRetryRequest(Given.Workflow, null, Force: false), Steps(steps));
        retry.Status.ShouldBe(expected);
        Numbers(retry).ShouldBe(again);
        retry.MindsUndo.ShouldBe(mindsUndo);
        RetryDecision.ForWorkflow(new WorkflowRetryRequest(Given.Workflow, null, Force: true), Steps(steps)).MindsUndo
            .ShouldBeFalse("forced, the compensation stays final");
    }

    [Theory]
    [InlineData("S:Failed S:Failed", 2, RetryStatus.Retried, "2", true)]
    [InlineData("S:Failed U:Failed", 2, RetryStatus.Retried, "2", false)]
    [InlineData("S:Failed F:Cancelled", 2, RetryStatus.Retried, "2", false)]
    [InlineData("S:Failed S:Succeeded", 2, RetryStatus.NotRetryable, "", false)]
    [InlineData("S:Failed S:Skipped", 2, RetryStatus.NotRetryable, "", false)]
    [InlineData("S:Failed S:Running", 2, RetryStatus.NotRetryable, "", false)]
    [InlineData("S:Failed D:Failed", 2, RetryStatus.NotRetryable, "", false)]
    [InlineData("S:Failed", 2, RetryStatus.NotFound, "", false)]
    public void One_step_runs_again_if_it_failed_or_was_cancelled(string steps, int asked, RetryStatus expected, string again,
        bool mindsUndo)
    {
        var retry = RetryDecision.ForWorkflow(new WorkflowRetryRequest(Given.Workflow, Given.Workflow.Step(asked), false), Steps(steps));
        retry.Status.ShouldBe(expected);
        Numbers(retry).ShouldBe(again);
        retry.MindsUndo.ShouldBe(mindsUndo);
    }

    [Theory]
    [InlineData(JobState.Unknown, RetryStatus.NotFound)]
    [InlineData(JobState.Waiting, RetryStatus.NotRetryable)]
    [InlineData(JobState.Running, RetryStatus.NotRetryable)]
    [InlineData(JobState.Failed, RetryStatus.NotRetryable)]
    public void A_step_that_has_not_ended_is_not_retryable(JobState state, RetryStatus expected) =>
        RetryDecision.ForMissing(state).ShouldBe(new RetryResult(expected, state));

    [Theory]
    [InlineData("S:Failed", null)]
    [InlineData("S:Failed U:Waiting U:Skipped", null)]
    [InlineData("S:Failed U:Waiting U:Ready", "step-3")]
    [InlineData("S:Failed U:Scheduled U:Running", "step-2")]
    [InlineData("S:Failed U:Skipped U:Succeeded U:Failed", "step-3")]
    [InlineData("S:Failed U:Cancelled", "step-2")]
    [InlineData("S:Running F:Running I:Succeeded", null)]
    public void An_undo_step_that_began_or_was_kept_from_it_is_named(string steps, string? expected)
    {
        RetryDecision.Begun(Steps(steps)).ShouldBe(expected);
        RetryDecision.Begun(Steps(steps).Reverse<RetryStep>()).ShouldBe(expected, "in whatever order they come");
    }

    [Theory]
    [InlineData(JobState.Waiting, 0, 0, nameof(StepMove.Released))]
    [InlineData(JobState.Waiting, 0, 1, nameof(StepMove.Skipped))]
    [InlineData(JobState.Waiting, 1, 0, nameof(StepMove.None))]
    [InlineData(JobState.Ready, 0, 0, nameof(StepMove.None))]
    [InlineData(JobState.Scheduled, 0, 0, nameof(StepMove.None))]
    [InlineData(JobState.Skipped, 0, 1, nameof(StepMove.None))]
    public void A_step_that_waits_again_runs_once_nothing_before_it_does(JobState state, int pending, int failed, string expected) =>
        RetryDecision.AfterFollowing(state, new StepTally(pending, failed), Given.Step()).ToString().ShouldBe(expected);

    private static string Numbers(in WorkflowRetry retry) => string.Join(' ', retry.Steps.Select(static s => s.Step.Number));

    private static List<RetryStep> Steps(string text) =>
        [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static (step, i) =>
            new RetryStep(Given.Workflow.Step(i + 1), Enum.Parse<JobState>(step[2..]), step[0] switch
            {
                'D' => Given.Damaged(i + 1),
                'U' => Given.Step(i + 1, role: StepRole.Undo),
                'F' => Given.Step(i + 1, role: StepRole.OnFailure),
                'I' => Given.Step(i + 1, role: StepRole.Finally),
                _ => Given.Step(i + 1),
            }))];
}
