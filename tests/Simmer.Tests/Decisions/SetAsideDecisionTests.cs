using Simmer.Storage.Decisions;

namespace Simmer.Tests.Decisions;

/// <summary>What a store must guarantee: what cannot be read rests, ever longer, and holds up nobody.</summary>
public sealed class SetAsideDecisionTests
{
    [Theory]
    [InlineData(-1, 10)]
    [InlineData(0, 10)]
    [InlineData(1, 10)]
    [InlineData(2, 20)]
    [InlineData(3, 40)]
    [InlineData(8, 1_280)]
    [InlineData(9, 1_800)]
    [InlineData(40, 1_800)]
    [InlineData(long.MaxValue, 1_800)]
    public void A_row_rests_twice_as_long_each_time_and_half_an_hour_at_most(long tries, int seconds) =>
        SetAsideDecision.RestAfter(tries).ShouldBe(TimeSpan.FromSeconds(seconds));
}
