using Simmer.Storage.Decisions;

namespace Simmer.Tests.Decisions;

/// <summary>What a store must guarantee, for what a worker gives back.</summary>
public sealed class GiveBackDecisionTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(2, 0)]
    [InlineData(1, 5)]
    public void A_job_is_ready_again_with_its_attempt_forgiven_and_as_suspect_as_it_was(int forgiven, int suspicion)
    {
        var outcome = GiveBackDecision.For(Given.Row(forgiven: forgiven, suspicion: suspicion), TimeSpan.FromDays(14));
        outcome.State.ShouldBe(JobState.Ready);
        outcome.Ends.ShouldBeFalse();
        outcome.Forgiven.ShouldBe(forgiven + 1);
        outcome.Suspicion.ShouldBe(suspicion);
        outcome.AddsError.ShouldBeFalse();
    }

    [Theory]
    [InlineData(null, 0)]
    [InlineData("stop", 5)]
    public void A_job_whose_cancel_was_asked_for_ends(string? reason, int suspicion)
    {
        var outcome = GiveBackDecision.For(Given.Row(cancelRequested: true, reason, forgiven: 2, suspicion), TimeSpan.FromDays(5));
        outcome.State.ShouldBe(JobState.Cancelled);
        outcome.Ends.ShouldBeTrue();
        outcome.Reason.ShouldBe(reason);
        outcome.KeepFor.ShouldBe(TimeSpan.FromDays(5));
        outcome.Forgiven.ShouldBe(3, "what it did not get to does not count");
        outcome.AddsError.ShouldBeFalse();
        outcome.KeepsResult.ShouldBeFalse();
    }
}
