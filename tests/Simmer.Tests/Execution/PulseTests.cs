using Microsoft.Extensions.Time.Testing;
using Simmer.Runtime;

namespace Simmer.Tests.Execution;

public sealed class PulseTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Without_a_pulse_it_rests_for_as_long_as_told()
    {
        var pulse = new Pulse(_time);

        var rest = pulse.WaitAsync(TimeSpan.FromSeconds(5));
        _time.Advance(TimeSpan.FromSeconds(4.9));
        rest.IsCompleted.ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(0.2));

        await rest.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }

    [Fact]
    public void For_ever_is_not_at_once()
    {
        var rest = new Pulse(_time).WaitAsync(Timeout.InfiniteTimeSpan);

        _time.Advance(TimeSpan.FromHours(20));
        rest.IsCompleted.ShouldBeFalse();
        new Pulse(_time).WaitAsync(TimeSpan.Zero).IsCompleted.ShouldBeTrue();
        new Pulse(_time).WaitAsync(TimeSpan.FromSeconds(-5)).IsCompleted.ShouldBeTrue();
    }

    [Fact]
    public async Task Several_pulses_before_the_rest_are_one()
    {
        var pulse = new Pulse(_time);
        pulse.Set();
        pulse.Set();

        await pulse.WaitAsync(TimeSpan.FromSeconds(5));
        pulse.WaitAsync(TimeSpan.FromSeconds(5)).IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task No_pulse_is_lost_between_two_threads()
    {
        var (ping, pong) = (new Pulse(TimeProvider.System), new Pulse(TimeProvider.System));
        var answering = Task.Run(async () =>
        {
            for (var i = 0; i < 20_000; i++)
            {
                await ping.WaitAsync(Timeout.InfiniteTimeSpan);
                pong.Set();
            }
        }, TestContext.Current.CancellationToken);

        for (var i = 0; i < 20_000; i++)
        {
            ping.Set();
            await pong.WaitAsync(Timeout.InfiniteTimeSpan).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        }

        await answering;
    }
}
