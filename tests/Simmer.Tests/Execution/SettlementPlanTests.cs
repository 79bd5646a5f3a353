using Simmer.Execution;
using Simmer.Jobs;
using Simmer.Storage;
using Simmer.Tests.Engine;

namespace Simmer.Tests.Execution;

public sealed class SettlementPlanTests
{
    private static readonly TimeSpan s_succeeded = TimeSpan.FromHours(1);
    private static readonly TimeSpan s_failed = TimeSpan.FromHours(2);
    private static readonly RetryPolicy s_retry = new() { BaseDelay = TimeSpan.FromSeconds(10) };

    /// <summary>Outcome, attempt of three → state, seconds until it goes on, whether the attempt is forgiven, the error noted.</summary>
    public static TheoryData<string, int, JobState, double?, bool, string?> Table => new()
    {
        { "success", 1, JobState.Succeeded, null, false, null },
        { "throws", 1, JobState.Scheduled, 5, false, "System.InvalidOperationException" },
        { "throws", 2, JobState.Scheduled, 10, false, "System.InvalidOperationException" },
        { "throws", 3, JobState.Failed, null, false, "System.InvalidOperationException" },
        { "time limit", 1, JobState.Scheduled, 5, false, ErrorTypes.TimeLimit },
        { "time limit", 3, JobState.Failed, null, false, ErrorTypes.TimeLimit },
        { "bad result", 1, JobState.Failed, null, false, ErrorTypes.Result },
        { "cancelled", 1, JobState.Cancelled, null, false, null },
        { "interrupted", 3, JobState.Ready, null, true, null },
        { "lease lost", 3, JobState.Ready, null, true, null },
        { "unknown kind", 3, JobState.Ready, null, true, null },
        { "poison", 4, JobState.Failed, null, false, ErrorTypes.Poison },
        { "unreadable", 3, JobState.Scheduled, 40, true, ErrorTypes.Unreadable },
        { "retry in 7", 1, JobState.Scheduled, 7, false, ErrorTypes.Verdict },
        { "retry in 7", 3, JobState.Failed, null, false, ErrorTypes.Verdict },
        { "retry now", 1, JobState.Ready, null, false, ErrorTypes.Verdict },
        { "snooze 7", 3, JobState.Scheduled, 7, true, null },
        { "snooze 0", 3, JobState.Ready, null, true, null },
        { "fail", 1, JobState.Failed, null, false, ErrorTypes.Verdict },
        { "cancel", 1, JobState.Cancelled, null, false, null },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void An_outcome_becomes_a_settlement(string outcome, int attempt, JobState state, double? seconds, bool forgive, string? error)
    {
        var settlement = Plan(outcome, Some.Claim(run: attempt));

        settlement.State.ShouldBe(state);
        settlement.Delay.ShouldBe(seconds is { } s ? TimeSpan.FromSeconds(s) : null);
        settlement.Forgive.ShouldBe(forgive);
        settlement.Error?.Type.ShouldBe(error);
        (settlement.Error is null).ShouldBe(error is null);
        settlement.KeepFor.ShouldBe(state == JobState.Succeeded ? s_succeeded : state.IsFinal() ? s_failed : TimeSpan.Zero);
        settlement.KeepCancelledFor.ShouldBe(state.IsFinal() ? TimeSpan.Zero : s_failed);
    }

    [Fact]
    public void Forgiven_runs_do_not_count_as_attempts()
    {
        Plan("throws", Some.Claim(run: 7, forgiven: 5)).State.ShouldBe(JobState.Scheduled);
        Plan("throws", Some.Claim(run: 8, forgiven: 5)).State.ShouldBe(JobState.Failed);
    }

    [Fact]
    public void Errors_are_shortened_and_say_which_attempt_it_was()
    {
        var error = SettlementPlan
            .For(Some.Claim(run: 5, forgiven: 3), JobOutcome.Threw(new InvalidOperationException(new string('x', 10_000))), Rules(),
            Some.Moment, 0.5).Error!;

        (error.Run, error.Attempt, error.At, error.Message.Length, error.Detail!.Length).ShouldBe((5, 2, Some.Moment, 2_000, 8_000));
    }

    [Fact]
    public void An_exception_that_cannot_tell_about_itself_is_settled_all_the_same()
    {
        var settlement = SettlementPlan.For(Some.Claim(), JobOutcome.Threw(new Mute()), Rules(), Some.Moment, 0.5);

        settlement.State.ShouldBe(JobState.Scheduled);
        settlement.Error!.Message.ShouldContain("its text cannot be read");
    }

    [Fact]
    [Trait("Rule", "28")]
    public void A_result_is_kept_for_ten_minutes_at_least()
    {
        var rules = new SettlementRules(s_retry, HasResult: true, TimeSpan.FromMinutes(1), TimeSpan.Zero, TimeSpan.Zero);

        SettlementPlan.For(Some.Claim(), Outcome("success"), rules, Some.Moment, 0.5).KeepFor.ShouldBe(TimeSpan.FromMinutes(10));
    }

    [Fact]
    public void The_longest_delay_does_not_overflow() => SettlementPlan
        .For(Some.Claim(), JobOutcome.Returned(JobVerdict.Snooze(TimeSpan.MaxValue), null, null), Rules(), Some.Moment, 0.5)
            .DueFrom(Some.Moment).ShouldBe(DateTimeOffset.MaxValue);

    /// <summary>Whether the settlement of a step carries the branch and the added steps: only a success does.</summary>
    public static TheoryData<string, bool> OfSteps => new()
    {
        { "success", true },
        { "throws", false },
        { "time limit", false },
        { "cancelled", false },
        { "retry in 7", false },
        { "snooze 7", false },
        { "fail", false },
        { "cancel", false },
        { "poison", false },
    };

    [Theory]
    [MemberData(nameof(OfSteps))]
    public void The_settlement_of_a_step_carries_the_step_and_of_a_success_what_it_decided(string outcome, bool decides)
    {
        var step = new StepDraft { Workflow = WorkflowId.For("w"), Number = 1, Name = "a" };
        var claim = Some.Claim() with { Job = Some.Draft().As(step.Workflow.Step(1), step) };
        IReadOnlyList<JobDraft> added = [Some.Draft()];
        var decided = outcome == "success" ? JobOutcome.Returned(JobVerdict.Branch("left"), null, null) : Outcome(outcome);

        var settlement = SettlementPlan.For(claim, decided with { Added = added }, Rules(), Some.Moment, 0.5);

        settlement.Step.ShouldBeSameAs(step);
        settlement.Branch.ShouldBe(decides ? "left" : null);
        settlement.Added.ShouldBe(decides ? added : null);
    }

    [Fact]
    public void The_settlement_of_a_job_that_stands_alone_carries_no_step() => Plan("success", Some.Claim()).Step.ShouldBeNull();

    private static Settlement Plan(string outcome, JobClaim claim) =>
        SettlementPlan.For(claim, Outcome(outcome), Rules(), Some.Moment, 0.5);

    private static SettlementRules Rules() => new(s_retry, HasResult: false, TimeSpan.FromMinutes(1), s_succeeded, s_failed);

    private static JobOutcome Outcome(string name) => name switch
    {
        "success" => JobOutcome.Returned(JobVerdict.Success, null, null),
        "throws" => JobOutcome.Threw(new InvalidOperationException("no")),
        "retry in 7" => JobOutcome.Returned(JobVerdict.RetryIn(TimeSpan.FromSeconds(7)), null, null),
        "retry now" => JobOutcome.Returned(JobVerdict.RetryIn(TimeSpan.Zero), null, null),
        "snooze 7" => JobOutcome.Returned(JobVerdict.Snooze(TimeSpan.FromSeconds(7)), null, null),
        "snooze 0" => JobOutcome.Returned(JobVerdict.Snooze(TimeSpan.Zero), null, null),
        "fail" => JobOutcome.Returned(JobVerdict.Fail("no"), null, null),
        "cancel" => JobOutcome.Returned(JobVerdict.Cancel("no"), null, null),
        _ => new JobOutcome(Enum.Parse<OutcomeKind>(name.Replace(" ", ""), ignoreCase: true), Error: new InvalidOperationException("no")),
    };

    private sealed class Mute : Exception
    {
        public override string Message => throw new NotSupportedException();

        public override string ToString() => throw new NotSupportedException();
    }
}
