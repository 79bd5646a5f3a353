using Simmer.Storage.Decisions;

namespace Simmer.Tests.Decisions;

/// <summary>What a store must guarantee, for jobs whose worker died.</summary>
public sealed class RescueDecisionTests
{
    /// <summary>A suspect of level n had at most ⌊slots / 2ⁿ⌋ other suspects beside it: only without any the death is its own.</summary>
    [Theory]
    [InlineData(0, 1, 1, false)]
    [InlineData(0, 16, 1, false)]
    [InlineData(0, null, 1, false)]
    [InlineData(1, 1, 2, true)]
    [InlineData(1, 2, 2, false)]
    [InlineData(2, 2, 3, true)]
    [InlineData(1, 16, 2, false)]
    [InlineData(4, 16, 5, false)]
    [InlineData(5, 16, 6, true)]
    [InlineData(1, null, 2, false)]
    [InlineData(30, null, 31, false)]
    [InlineData(31, null, 31, true)]
    [InlineData(31, 1, 31, true)]
    public void The_job_is_more_suspect_and_pays_only_if_it_was_the_only_suspect(int level, int? slots, int expectedLevel, bool pays)
    {
        var outcome = RescueDecision.For(Given.Row(forgiven: 1, suspicion: level), slots, TimeSpan.FromDays(14));
        outcome.State.ShouldBe(JobState.Ready, "an end as poison is decided by whoever claims it");
        outcome.Suspicion.ShouldBe(expectedLevel);
        outcome.Forgiven.ShouldBe(pays ? 1 : 2);
        outcome.AddsError.ShouldBeTrue();
    }

    [Theory]
    [InlineData(0, false, false)]
    [InlineData(7, false, true)]
    [InlineData(0, true, true)]
    public void A_job_whose_cancel_was_asked_for_ends_and_its_error_is_noted_if_it_is_kept(int keepDays, bool isStep, bool addsError)
    {
        foreach (var level in new[] { 0, 1, 31 })
        {
            var row = Given.Row(cancelRequested: true, "stop", forgiven: 1, suspicion: level, isStep: isStep);
            var outcome = RescueDecision.For(row, slots: 1, TimeSpan.FromDays(keepDays));
            outcome.State.ShouldBe(JobState.Cancelled);
            outcome.Reason.ShouldBe("stop");
            outcome.KeepFor.ShouldBe(TimeSpan.FromDays(keepDays));
            outcome.AddsError.ShouldBe(addsError);
            outcome.Forgiven.ShouldBe(1, "it ran until its worker died");
        }
    }

    [Fact]
    public void The_error_names_the_run_and_its_attempt()
    {
        var error = RescueDecision.Error(Given.Row(forgiven: 1), Given.Moment);
        (error.Run, error.Attempt, error.At, error.Type).ShouldBe((3, 2, Given.Moment, ErrorTypes.LeaseLost));
    }
}
