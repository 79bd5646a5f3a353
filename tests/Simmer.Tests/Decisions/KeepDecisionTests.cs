using Simmer.Storage.Decisions;

namespace Simmer.Tests.Decisions;

/// <summary>What a store must guarantee: retention applies to workflows, not to their steps.</summary>
public sealed class KeepDecisionTests
{
    [Theory]
    [InlineData(false, 0, false)]
    [InlineData(false, -1, false)]
    [InlineData(false, 3, true)]
    [InlineData(true, 0, true)]
    [InlineData(true, 3, true)]
    public void A_job_is_kept_for_its_time_and_a_step_until_its_workflow_goes(bool isStep, int days, bool isKept)
    {
        var keepFor = TimeSpan.FromDays(days);
        KeepDecision.IsKept(isStep, keepFor).ShouldBe(isKept);
        if (isKept)
        {
            KeepDecision.Until(isStep, keepFor, Given.Moment).ShouldBe(isStep ? DateTimeOffset.MaxValue : Given.Moment.AddDays(days));
        }
    }

    [Fact]
    public void For_ever_is_the_last_time_there_is() =>
        KeepDecision.Until(isStep: false, TimeSpan.MaxValue, Given.Moment).ShouldBe(DateTimeOffset.MaxValue);

    [Fact]
    public void What_ends_as_cancelled_without_a_settlement_is_kept_as_its_queue_says_or_14_days()
    {
        KeepDecision.OfCancelled(null).ShouldBe(TimeSpan.FromDays(14));
        KeepDecision.OfCancelled(TimeSpan.FromDays(3).Ticks).ShouldBe(TimeSpan.FromDays(3));
        KeepDecision.OfCancelled(0).ShouldBe(TimeSpan.Zero);
    }
}
