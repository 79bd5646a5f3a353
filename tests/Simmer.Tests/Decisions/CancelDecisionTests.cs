using Simmer.Storage.Decisions;

namespace Simmer.Tests.Decisions;

/// <summary>What a store must guarantee, and what <see cref="CancelResult"/> promises.</summary>
public sealed class CancelDecisionTests
{
    [Theory]
    [InlineData(JobState.Unknown, CancelResult.NotFound)]
    [InlineData(JobState.Waiting, CancelResult.Cancelled)]
    [InlineData(JobState.Scheduled, CancelResult.Cancelled)]
    [InlineData(JobState.Ready, CancelResult.Cancelled)]
    [InlineData(JobState.Running, CancelResult.Requested)]
    [InlineData(JobState.Succeeded, CancelResult.AlreadyFinished)]
    [InlineData(JobState.Failed, CancelResult.AlreadyFinished)]
    [InlineData(JobState.Cancelled, CancelResult.AlreadyFinished)]
    [InlineData(JobState.Skipped, CancelResult.AlreadyFinished)]
    public void What_waits_ends_and_what_runs_is_asked_to_stop(JobState state, CancelResult expected)
    {
        CancelDecision.For(state).ShouldBe(expected);
        (expected != CancelResult.Cancelled || JobTransitions.IsLegal(state, JobState.Cancelled)).ShouldBeTrue("the store makes that move");
    }

    [Fact]
    public void The_cancel_of_a_workflow_concerns_its_unfinished_ordinary_steps()
    {
        foreach (var role in Enum.GetValues<StepRole>())
        {
            foreach (var state in Enum.GetValues<JobState>().Where(static s => s != JobState.Unknown))
            {
                var finished = state is JobState.Succeeded or JobState.Failed or JobState.Cancelled or JobState.Skipped;
                CancelDecision.Concerns(role, state).ShouldBe(role == StepRole.Step && !finished, $"{role}, {state}");
            }
        }
    }

    [Theory]
    [InlineData(0, 0, CancelResult.AlreadyFinished)]
    [InlineData(3, 0, CancelResult.Cancelled)]
    [InlineData(3, 1, CancelResult.Requested)]
    [InlineData(3, 3, CancelResult.Requested)]
    public void The_answer_of_a_workflow_is_that_of_its_steps(int concerned, int running, CancelResult expected) =>
        CancelDecision.ForWorkflow(concerned, running).ShouldBe(expected);
}
