using Simmer.Storage;
using Simmer.Storage.Decisions;

namespace Simmer.Tests.Decisions;

/// <summary>What a store must guarantee, and what <see cref="Settlement"/> promises.</summary>
public sealed class SettleDecisionTests
{
    [Theory]
    [InlineData(JobState.Succeeded, false, JobState.Succeeded)]
    [InlineData(JobState.Failed, false, JobState.Failed)]
    [InlineData(JobState.Cancelled, false, JobState.Cancelled)]
    [InlineData(JobState.Scheduled, false, JobState.Scheduled)]
    [InlineData(JobState.Ready, false, JobState.Ready)]
    [InlineData(JobState.Succeeded, true, JobState.Succeeded)]
    [InlineData(JobState.Failed, true, JobState.Failed)]
    [InlineData(JobState.Cancelled, true, JobState.Cancelled)]
    [InlineData(JobState.Scheduled, true, JobState.Cancelled)]
    [InlineData(JobState.Ready, true, JobState.Cancelled)]
    public void A_requested_cancel_ends_what_would_go_on_and_an_end_that_arrived_wins(JobState settled, bool cancelRequested,
        JobState expected) =>
        SettleDecision.For(Given.Settlement(settled), Given.Row(cancelRequested)).State.ShouldBe(expected);

    [Theory]
    [InlineData(JobState.Succeeded, null, false, null, null)]
    [InlineData(JobState.Succeeded, null, true, "stop", null)]
    [InlineData(JobState.Failed, "gave up", false, null, "gave up")]
    [InlineData(JobState.Failed, null, true, "stop", null)]
    [InlineData(JobState.Cancelled, null, true, "stop", "stop")]
    [InlineData(JobState.Cancelled, "own", true, "stop", "own")]
    [InlineData(JobState.Scheduled, "try later", false, null, null)]
    [InlineData(JobState.Scheduled, "try later", true, "stop", "stop")]
    [InlineData(JobState.Scheduled, "try later", true, null, "try later")]
    [InlineData(JobState.Ready, null, true, "stop", "stop")]
    public void The_reason_is_that_of_what_ended_the_job(JobState settled, string? reason, bool cancelRequested, string? cancelReason,
        string? expected) =>
        SettleDecision.For(Given.Settlement(settled, reason: reason), Given.Row(cancelRequested, cancelReason)).Reason.ShouldBe(expected);

    [Theory]
    [InlineData(JobState.Succeeded, false, 3)]
    [InlineData(JobState.Failed, false, 3)]
    [InlineData(JobState.Cancelled, true, 3)]
    [InlineData(JobState.Scheduled, true, 7)]
    [InlineData(JobState.Ready, true, 7)]
    public void What_a_requested_cancel_ends_is_kept_as_cancelled_jobs_are(JobState settled, bool cancelRequested, int expectedDays) =>
        SettleDecision.For(Given.Settlement(settled, keepDays: 3, keepCancelledDays: 7), Given.Row(cancelRequested)).KeepFor
            .ShouldBe(TimeSpan.FromDays(expectedDays));

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 2)]
    public void A_run_that_is_forgiven_does_not_count(bool forgive, int expected)
    {
        foreach (var state in Settled)
        {
            SettleDecision.For(Given.Settlement(state, forgive: forgive), Given.Row()).Forgiven.ShouldBe(expected, state.ToString());
        }
    }

    [Fact]
    public void A_run_that_ended_by_itself_makes_a_suspect_innocent()
    {
        foreach (var state in Settled)
        {
            SettleDecision.For(Given.Settlement(state), Given.Row(suspicion: 4)).Suspicion.ShouldBe(0, state.ToString());
        }
    }

    [Theory]
    [InlineData(JobState.Scheduled, false, false, 0, 0, true)]
    [InlineData(JobState.Ready, false, false, 0, 0, true)]
    [InlineData(JobState.Failed, false, false, 0, 7, false)]
    [InlineData(JobState.Failed, false, false, 3, 0, true)]
    [InlineData(JobState.Failed, false, true, 0, 0, true)]
    [InlineData(JobState.Succeeded, false, false, 3, 0, true)]
    [InlineData(JobState.Scheduled, true, false, 3, 0, false)]
    [InlineData(JobState.Scheduled, true, false, 0, 7, true)]
    [InlineData(JobState.Scheduled, true, true, 0, 0, true)]
    public void An_error_is_noted_unless_nothing_of_the_job_is_kept(JobState settled, bool cancelRequested, bool isStep, int keepDays,
        int keepCancelledDays, bool expected)
    {
        var row = Given.Row(cancelRequested, isStep: isStep);
        SettleDecision.For(Given.Settlement(settled, true, keepDays: keepDays, keepCancelledDays: keepCancelledDays), row).AddsError
            .ShouldBe(expected);
        SettleDecision.For(Given.Settlement(settled, false, keepDays: keepDays, keepCancelledDays: keepCancelledDays), row).AddsError
            .ShouldBeFalse("there is none");
    }

    [Theory]
    [InlineData(JobState.Succeeded, false, false, 0, false)]
    [InlineData(JobState.Succeeded, false, false, 3, true)]
    [InlineData(JobState.Succeeded, true, false, 3, true)]
    [InlineData(JobState.Succeeded, false, true, 0, true)]
    [InlineData(JobState.Scheduled, false, true, 3, false)]
    [InlineData(JobState.Scheduled, true, true, 3, false)]
    public void A_result_is_kept_with_the_end_that_it_came_with(JobState settled, bool cancelRequested, bool isStep, int keepDays,
        bool expected) =>
        SettleDecision.For(Given.Settlement(settled, result: true, keepDays: keepDays, keepCancelledDays: 7),
            Given.Row(cancelRequested, isStep: isStep)).KeepsResult.ShouldBe(expected);

    [Theory]
    [InlineData(JobState.Succeeded, "left")]
    [InlineData(JobState.Failed, null)]
    [InlineData(JobState.Cancelled, null)]
    [InlineData(JobState.Scheduled, null)]
    public void Only_a_success_takes_a_branch(JobState settled, string? expected) =>
        SettleDecision.For(Given.Settlement(settled, branch: "left"), Given.Row(isStep: true)).Branch.ShouldBe(expected);

    [Fact]
    public void A_step_fails_whose_children_find_no_place()
    {
        var settlement = Given.Settlement(JobState.Succeeded, keepDays: 3, result: true, branch: "left", added: 2);
        var outcome = SettleDecision.For(settlement, Given.Row(isStep: true), new AddDecision("no room", 0, 0));
        outcome.State.ShouldBe(JobState.Failed);
        outcome.Reason.ShouldBe("no room");
        outcome.KeepsResult.ShouldBeFalse();
        outcome.Branch.ShouldBeNull();
        outcome.KeepFor.ShouldBe(TimeSpan.FromDays(3));
    }

    [Theory]
    [InlineData(JobState.Succeeded, true, 2, true)]
    [InlineData(JobState.Succeeded, true, 0, false)]
    [InlineData(JobState.Succeeded, false, 2, false)]
    [InlineData(JobState.Failed, true, 2, false)]
    [InlineData(JobState.Scheduled, true, 2, false)]
    public void Only_a_step_that_succeeds_adds_steps(JobState settled, bool isStep, int added, bool expected) =>
        SettleDecision.AddsSteps(Given.Settlement(settled, added: added), isStep).ShouldBe(expected);

    [Fact]
    public void An_end_that_needs_no_row_is_the_same_whatever_the_row_holds()
    {
        var unread = 0;
        foreach (var (settlement, isStep) in AllSettlements())
        {
            if (SettleDecision.NeedsRow(settlement))
            {
                continue;
            }

            unread++;
            settlement.State.IsFinal().ShouldBeTrue();
            settlement.Added.ShouldBeNull();
            foreach (var forgiven in new[] { 0, 2 })
            {
                var row = Given.Row(forgiven: forgiven, suspicion: forgiven, isStep: isStep);
                var outcome = SettleDecision.For(settlement, row);
                outcome.State.ShouldBe(settlement.State);
                outcome.Reason.ShouldBe(settlement.Reason);
                if (KeepDecision.IsKept(isStep, settlement.KeepFor))
                {
                    outcome.Forgiven.ShouldBe(forgiven, "a counter of the row would have to be written");
                    outcome.AddsError.ShouldBeFalse("the errors of the row would have to be counted");
                }
            }
        }

        unread.ShouldBeGreaterThan(0);
    }

    [Theory]
    [InlineData(JobState.Succeeded, false, false, 0, false)]
    [InlineData(JobState.Succeeded, false, false, 3, false)]
    [InlineData(JobState.Failed, true, false, 0, false)]
    [InlineData(JobState.Failed, true, false, 3, true)]
    [InlineData(JobState.Failed, false, true, 3, true)]
    [InlineData(JobState.Scheduled, false, false, 0, true)]
    [InlineData(JobState.Ready, false, false, 0, true)]
    public void The_row_is_read_only_if_something_of_it_counts(JobState settled, bool error, bool forgive, int keepDays, bool expected) =>
        SettleDecision.NeedsRow(Given.Settlement(settled, error, forgive, keepDays)).ShouldBe(expected);

    [Fact]
    public void Whatever_is_decided_is_a_legal_move()
    {
        foreach (var (settlement, isStep) in AllSettlements())
        {
            foreach (var cancelRequested in new[] { false, true })
            {
                var outcome = SettleDecision.For(settlement, Given.Row(cancelRequested, isStep: isStep));
                JobTransitions.IsLegal(JobState.Running, outcome.State).ShouldBeTrue($"{settlement.State}, {outcome.State}");
            }
        }
    }

    private static JobState[] Settled => [.. JobTransitions.From(JobState.Running)];

    private static IEnumerable<(Settlement Settlement, bool IsStep)> AllSettlements() =>
        from state in Settled
        from error in new[] { false, true }
        from forgive in new[] { false, true }
        from keepDays in new[] { 0, 3 }
        from isStep in new[] { false, true }
        from added in new[] { 0, 2 }
        select (Given.Settlement(state, error, forgive, keepDays, added: added, step: isStep ? Given.Step() : null), isStep);
}
