using Simmer.Postgres;

namespace Simmer.StoreTests.Postgres;

/// <summary>Times between the caller's clock and the server's.</summary>
public sealed class CallerTimes
{
    [Theory]
    [InlineData(0)]
    [InlineData(90)]
    [InlineData(-90)]
    public void A_time_comes_back_as_it_went(int ahead)
    {
        var by = TimeSpan.FromSeconds(ahead);
        CallerTime.ToServer(Some.Moment, by).ShouldBe(Some.Moment + by);
        CallerTime.Of(CallerTime.ToServer(Some.Moment, by), by).ShouldBe(Some.Moment);
    }

    [Fact]
    public void No_time_stays_none()
    {
        CallerTime.ToServer(default, TimeSpan.FromHours(1)).ShouldBe(default);
        CallerTime.Of(null, TimeSpan.FromHours(1)).ShouldBeNull();
    }

    [Fact]
    public void The_ends_of_time_are_not_passed()
    {
        CallerTime.Of(DateTimeOffset.MaxValue, TimeSpan.FromHours(-1)).ShouldBe(DateTimeOffset.MaxValue);
        CallerTime.Of(DateTimeOffset.MinValue, TimeSpan.FromHours(1)).ShouldBe(DateTimeOffset.MinValue);
    }
}
