using Microsoft.Extensions.Time.Testing;
using Simmer.Runtime;

namespace Simmer.Tests.Execution;

public sealed class WallClockTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(5);

    private readonly JumpingTime _time = new();

    [Theory]
    [InlineData(0.1)]
    [InlineData(4.9)]
    [InlineData(-4.9)]
    public void A_small_jump_is_believed_at_once(double minutes)
    {
        var clock = new WallClock(_time, s_limit);

        _time.Jump(TimeSpan.FromMinutes(minutes));

        clock.Now.ShouldBe(_time.GetUtcNow());
        clock.Jump.ShouldBeNull();
    }

    [Theory]
    [InlineData(5.1)]
    [InlineData(-5.1)]
    [InlineData(5_256_000)]
    [InlineData(-5_256_000)]
    public void Over_a_large_jump_the_time_goes_on_evenly_until_it_is_taken_back(double minutes)
    {
        var clock = new WallClock(_time, s_limit);
        var before = clock.Now;

        _time.Jump(TimeSpan.FromMinutes(minutes));
        _time.Pass(TimeSpan.FromMinutes(4));

        clock.Now.ShouldBe(before.AddMinutes(4));
        clock.Jump!.Value.ShouldBe(TimeSpan.FromMinutes(minutes));
        _time.Jump(TimeSpan.FromMinutes(-minutes));
        clock.Now.ShouldBe(_time.GetUtcNow());
        clock.Jump.ShouldBeNull();
    }

    [Fact]
    public void A_night_asleep_is_believed_when_the_clock_has_gone_on_evenly_for_five_minutes()
    {
        var clock = new WallClock(_time, s_limit);
        var before = clock.Now;
        _time.Jump(TimeSpan.FromHours(8));
        clock.Now.ShouldBe(before);

        _time.Pass(TimeSpan.FromMinutes(5) - TimeSpan.FromTicks(1));
        clock.Jump.ShouldNotBeNull();
        _time.Pass(TimeSpan.FromTicks(1));

        clock.Jump.ShouldBeNull();
        clock.Now.ShouldBe(before.AddHours(8).AddMinutes(5));
    }

    [Fact]
    public void A_clock_that_keeps_jumping_is_not_believed()
    {
        var clock = new WallClock(_time, s_limit);
        var before = clock.Now;
        for (var i = 0; i < 10; i++)
        {
            _time.Jump(TimeSpan.FromHours(1));
            _time.Pass(TimeSpan.FromMinutes(3));
            clock.Now.ShouldBe(before.AddMinutes(3 * (i + 1)));
        }
    }

    [Fact]
    public void A_clock_that_is_slow_is_followed()
    {
        var clock = new WallClock(_time, s_limit);
        for (var i = 0; i < 1_000; i++)
        {
            _time.Pass(TimeSpan.FromMinutes(1));
            _time.Jump(TimeSpan.FromSeconds(-1));
            clock.Now.ShouldBe(_time.GetUtcNow());
        }
    }

    [Fact]
    public void A_jump_that_another_clock_confirms_is_believed_at_once()
    {
        var clock = new WallClock(_time, s_limit);
        _time.Jump(TimeSpan.FromHours(8));
        clock.Jump.ShouldNotBeNull();

        clock.Believe();

        clock.Now.ShouldBe(_time.GetUtcNow());
    }

    private sealed class JumpingTime : TimeProvider
    {
        private readonly FakeTimeProvider _inner = new(new DateTimeOffset(2030, 1, 1, 12, 0, 0, TimeSpan.Zero));
        private TimeSpan _offset;

        public override long TimestampFrequency => _inner.TimestampFrequency;

        public void Jump(TimeSpan by) => _offset += by;

        public void Pass(TimeSpan time) => _inner.Advance(time);

        public override DateTimeOffset GetUtcNow() => _inner.GetUtcNow() + _offset;

        public override long GetTimestamp() => _inner.GetTimestamp();
    }
}
