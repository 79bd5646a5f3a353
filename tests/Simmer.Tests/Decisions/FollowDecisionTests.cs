using Simmer.Storage;
using Simmer.Storage.Decisions;

namespace Simmer.Tests.Decisions;

/// <summary>What a store must guarantee, and what <see cref="StepRule"/>, <see cref="StepRole"/> and <see cref="WorkflowState"/>
/// promise.</summary>
public sealed class FollowDecisionTests
{
    /// <summary>How its parents ended, a letter each: succeeded, failed or cancelled, broken (skipped because something before it had
    /// failed), left out (skipped by a choice or a rule).</summary>
    [Theory]
    [InlineData(StepRole.Step, StepRule.AllSucceeded, "", true)]
    [InlineData(StepRole.Step, StepRule.AllSucceeded, "SS", true)]
    [InlineData(StepRole.Step, StepRule.AllSucceeded, "SF", false)]
    [InlineData(StepRole.Step, StepRule.AllSucceeded, "SB", false)]
    [InlineData(StepRole.Step, StepRule.AllSucceeded, "SL", false)]
    [InlineData(StepRole.Step, StepRule.AnyFailed, "", false)]
    [InlineData(StepRole.Step, StepRule.AnyFailed, "SS", false)]
    [InlineData(StepRole.Step, StepRule.AnyFailed, "SF", true)]
    [InlineData(StepRole.Step, StepRule.AnyFailed, "SB", false)]
    [InlineData(StepRole.Step, StepRule.AnyFailed, "SL", false)]
    [InlineData(StepRole.Step, StepRule.AllDone, "FBL", true)]
    [InlineData(StepRole.Step, StepRule.NoneFailed, "SL", true)]
    [InlineData(StepRole.Step, StepRule.NoneFailed, "L", true)]
    [InlineData(StepRole.Step, StepRule.NoneFailed, "SF", false)]
    [InlineData(StepRole.Step, StepRule.NoneFailed, "SB", false)]
    [InlineData(StepRole.Undo, StepRule.AllSucceeded, "SS", false)]
    [InlineData(StepRole.Undo, StepRule.AllSucceeded, "SF", true)]
    [InlineData(StepRole.Undo, StepRule.AllSucceeded, "SB", true)]
    [InlineData(StepRole.Undo, StepRule.AllSucceeded, "FL", false)]
    [InlineData(StepRole.OnFailure, StepRule.AllSucceeded, "SSL", false)]
    [InlineData(StepRole.OnFailure, StepRule.AllSucceeded, "SF", true)]
    [InlineData(StepRole.Finally, StepRule.AllSucceeded, "", true)]
    [InlineData(StepRole.Finally, StepRule.AllSucceeded, "FBL", true)]
    public void A_step_for_which_everybody_has_reported_runs_or_is_skipped(StepRole role, StepRule rule, string parents, bool runs)
    {
        var step = Given.Step(rule: rule, role: role);
        var tally = Tally(parents);
        FollowDecision.ForWaiting(JobState.Waiting, tally, step).ShouldBe(runs ? StepMove.Released : StepMove.Skipped);
        FollowDecision.ForWaiting(JobState.Waiting, tally with { Pending = 1 }, step).ShouldBe(StepMove.None, "somebody has not reported");
    }

    [Fact]
    public void Only_what_waits_is_released()
    {
        foreach (var state in Enum.GetValues<JobState>().Where(static s => !s.IsFinal() && s != JobState.Unknown))
        {
            var expected = state == JobState.Waiting ? StepMove.Released : StepMove.None;
            FollowDecision.ForWaiting(state, default, Given.Step()).ShouldBe(expected, state.ToString());
            FollowDecision.IsDue(state, default).ShouldBe(state == JobState.Waiting, state.ToString());
            FollowDecision.IsDue(state, new StepTally(1)).ShouldBeFalse();
        }
    }

    [Theory]
    [InlineData("", nameof(StepMove.Released))]
    [InlineData("SS", nameof(StepMove.Released))]
    [InlineData("SF", nameof(StepMove.None))]
    [InlineData("SL", nameof(StepMove.None))]
    public void A_step_whose_place_is_damaged_is_never_skipped(string parents, string expected) =>
        FollowDecision.ForWaiting(JobState.Waiting, Tally(parents), Given.Damaged()).ToString().ShouldBe(expected);

    [Fact]
    public void Of_what_has_ended_only_what_was_skipped_opens_again_and_all_keep_count()
    {
        foreach (var state in Enum.GetValues<JobState>().Where(static s => s.IsFinal()))
        {
            FollowDecision.ForEnded(state, new StepTally(1, Failed: 1))
                .ShouldBe(state == JobState.Skipped ? StepMove.Reopened : StepMove.Heard, state.ToString());
            FollowDecision.ForEnded(state, new StepTally(0, Failed: 1)).ShouldBe(StepMove.Heard, state.ToString());
        }
    }

    [Theory]
    [InlineData(StepRole.Step, StepRule.AllSucceeded, 0, nameof(StepMove.Released))]
    [InlineData(StepRole.Step, StepRule.AllSucceeded, 2, nameof(StepMove.None))]
    [InlineData(StepRole.Step, StepRule.AllDone, 0, nameof(StepMove.Released))]
    [InlineData(StepRole.Step, StepRule.NoneFailed, 0, nameof(StepMove.Released))]
    [InlineData(StepRole.Step, StepRule.AnyFailed, 0, nameof(StepMove.Skipped))]
    [InlineData(StepRole.Step, StepRule.AnyFailed, 1, nameof(StepMove.None))]
    [InlineData(StepRole.Undo, StepRule.AllSucceeded, 0, nameof(StepMove.Skipped))]
    [InlineData(StepRole.OnFailure, StepRule.AllSucceeded, 0, nameof(StepMove.Skipped))]
    [InlineData(StepRole.Finally, StepRule.AllSucceeded, 0, nameof(StepMove.Released))]
    public void A_new_step_waits_runs_or_is_skipped_for_a_failure_of_nobody(StepRole role, StepRule rule, int pending, string expected) =>
        FollowDecision.ForNew(Given.Step(rule: rule, role: role, pending: pending)).ToString().ShouldBe(expected);

    [Fact]
    public void A_released_step_is_ready_or_waits_for_its_time()
    {
        FollowDecision.Released(null).ShouldBe(JobState.Ready);
        FollowDecision.Released(Given.Moment).ShouldBe(JobState.Scheduled);
        JobTransitions.IsLegal(JobState.Waiting, JobState.Ready).ShouldBeTrue();
        JobTransitions.IsLegal(JobState.Waiting, JobState.Scheduled).ShouldBeTrue();
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    [InlineData(2, false)]
    public void What_ends_while_something_before_it_may_run_tells_nobody_yet(int pending, bool expected) =>
        FollowDecision.Tells(pending).ShouldBe(expected);

    [Theory]
    [InlineData(3, 2, nameof(FollowTurn.None))]
    [InlineData(1, 0, nameof(FollowTurn.Ended))]
    [InlineData(2, 0, nameof(FollowTurn.Ended))]
    [InlineData(0, 0, nameof(FollowTurn.None))]
    [InlineData(0, 1, nameof(FollowTurn.Reopened))]
    [InlineData(1, 3, nameof(FollowTurn.None))]
    public void A_gate_tells_once_when_the_last_has_reported_and_takes_it_back_once(int before, int after, string expected) =>
        FollowDecision.ForGate(new StepTally(before), new StepTally(after, Failed: 1)).ToString().ShouldBe(expected);

    [Theory]
    [InlineData(true, 2, nameof(FollowTurn.None))]
    [InlineData(true, 0, nameof(FollowTurn.Ended))]
    [InlineData(false, 0, nameof(FollowTurn.None))]
    [InlineData(false, 1, nameof(FollowTurn.Reopened))]
    public void A_workflow_ends_with_its_last_step_and_runs_again_with_any(bool isRunning, int pending, string expected) =>
        FollowDecision.ForEnd(isRunning, new StepTally(pending)).ToString().ShouldBe(expected);

    [Theory]
    [InlineData(JobState.Failed, WorkflowState.Failed)]
    [InlineData(JobState.Cancelled, WorkflowState.Cancelled)]
    [InlineData(JobState.Succeeded, WorkflowState.Succeeded)]
    [InlineData(JobState.Skipped, WorkflowState.Succeeded)]
    [InlineData(JobState.Unknown, WorkflowState.Succeeded)]
    public void A_failure_decides_how_a_workflow_ends_and_then_a_cancel(JobState worst, WorkflowState expected) =>
        FollowDecision.EndOf(worst).ShouldBe(expected);

    [Theory]
    [InlineData(WorkflowState.Succeeded, 1)]
    [InlineData(WorkflowState.Failed, 2)]
    [InlineData(WorkflowState.Cancelled, 2)]
    public void A_workflow_is_kept_by_how_it_ended(WorkflowState state, int expectedDays) =>
        FollowDecision.KeepFor(state, TimeSpan.FromDays(1), TimeSpan.FromDays(2)).ShouldBe(TimeSpan.FromDays(expectedDays));

    [Theory]
    [InlineData(0, WorkflowState.Succeeded)]
    [InlineData(1, WorkflowState.Running)]
    public void A_workflow_without_steps_has_succeeded(int pending, WorkflowState expected) =>
        FollowDecision.StateOfNew(new WorkflowDraft { Id = Given.Workflow, Steps = [], Pending = pending }).ShouldBe(expected);

    private static StepTally Tally(string parents) => new(0, parents.Count(static p => p == 'F'), parents.Count(static p => p == 'B'),
        parents.Count(static p => p == 'L'));
}
