namespace Simmer.Tests.Execution;

public sealed class RetryPolicyTests
{
    [Theory]
    [InlineData(1, 0.999999, 2)]
    [InlineData(2, 0.999999, 4)]
    [InlineData(5, 0.999999, 32)]
    [InlineData(5, 0.5, 16)]
    [InlineData(5, 0.0, 0)]
    [InlineData(12, 0.999999, 3600)]
    [InlineData(2_000, 0.999999, 3600)]
    public void The_default_doubles_from_two_seconds_to_an_hour_with_full_jitter(int attempt, double random, double seconds) =>
        RetryPolicy.Default.DelayAfter(attempt, random).TotalSeconds.ShouldBe(seconds, 0.01);

    [Fact]
    public void Without_jitter_it_is_the_back_off_itself() =>
        new RetryPolicy { BaseDelay = TimeSpan.FromSeconds(10), Factor = 3, Jitter = false }.DelayAfter(3, 0.1)
            .ShouldBe(TimeSpan.FromSeconds(90));

    [Theory]
    [InlineData(1)]
    [InlineData(2_000)]
    [InlineData(int.MaxValue)]
    public void Immediate_never_waits(int attempt) => RetryPolicy.Immediate.DelayAfter(attempt, 0.999999).ShouldBe(TimeSpan.Zero);

    [Fact]
    public void The_longest_delays_do_not_overflow() =>
        new RetryPolicy { BaseDelay = TimeSpan.MaxValue, MaxDelay = TimeSpan.MaxValue, Factor = 1e300 }.DelayAfter(9, 0.999999)
            .ShouldBeGreaterThan(TimeSpan.FromDays(1_000_000));
}
