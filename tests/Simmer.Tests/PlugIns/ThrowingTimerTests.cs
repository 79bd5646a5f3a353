using Microsoft.Extensions.Logging.Abstractions;
using Simmer.Diagnostics;
using Simmer.Execution;
using Simmer.Tests.Engine;

namespace Simmer.Tests.PlugIns;

/// <summary>A timer of the application's clock throws when it is set. What was to happen at its time happens all the same.</summary>
public sealed class ThrowingTimerTests
{
    [Fact]
    public async Task A_timer_that_cannot_be_set_calls_back_all_the_same_and_can_be_set_again_and_stopped()
    {
        var clock = new ThrowingTime("timer's change");
        var time = GuardedTime.Of(clock, NullLogger.Instance);
        var (first, second) = (new Signal(), new Signal());
        var calls = 0;
        using var timer = time.CreateTimer(_ => (Interlocked.Increment(ref calls) == 1 ? first : second).Set(), null,
            Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        clock.Throws = true;

        timer.Change(TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan).ShouldBeTrue();
        await first.WaitAsync();
        timer.Change(TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan).ShouldBeTrue();
        await second.WaitAsync();

        clock.Calls.ShouldBe(1, "it is not asked again");
        timer.Dispose();
        timer.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan).ShouldBeFalse();
    }

    [Fact]
    [Trait("Rule", "9")]
    public async Task A_lease_that_is_not_confirmed_is_over_in_time_although_no_timer_can_be_set()
    {
        var clock = new ThrowingTime("timer's change");
        var over = new Signal();
        using var deadline = new LeaseDeadline(GuardedTime.Of(clock, NullLogger.Instance), TimeSpan.FromMilliseconds(20),
            TimeSpan.FromMilliseconds(10));
        deadline.CallBack(over.Set, static _ => { });
        clock.Throws = true;

        deadline.Confirm(clock.GetTimestamp());

        await over.WaitAsync();
    }
}
