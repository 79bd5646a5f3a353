using Simmer.Tests.Engine;
using Simmer.Upkeep;

namespace Simmer.Tests.PlugIns;

/// <summary>A log that stalls, or that calls the engine, holds up only the code that logs.</summary>
public sealed class StalledLogTests
{
    private const int ClockIsWrong = 1080;
    private const int ClockIsRight = 1081;

    private readonly ShakyStore _store = new();

    [Fact]
    public async Task A_log_that_stalls_while_it_is_told_of_the_clock_holds_up_no_other_look_at_it()
    {
        await using var host = await EngineHost.StartAsync(s => s.UseStore("shaky", _ => _store).AddQueue("default"));
        var clock = new UpkeepClock(host.Node.Context, host.Node.Durable!.Store);
        var looked = new List<bool>();
        host.Log.Heard = line =>
        {
            if (line.EventId is ClockIsWrong or ClockIsRight)
            {
                var look = new Thread(() => looked.Add(clock.MayKeepUp())) { IsBackground = true };
                look.Start();
                look.Join(TimeSpan.FromSeconds(10)).ShouldBeTrue("another thread looks at the clock meanwhile");
            }
        };
        var time = host.Node.Context.Time;

        clock.Heard(time.GetUtcNow() + TimeSpan.FromDays(1), time.GetTimestamp());
        clock.MayKeepUp().ShouldBeFalse();
        clock.Heard(time.GetUtcNow(), time.GetTimestamp());

        clock.MayKeepUp().ShouldBeTrue();
        looked.ShouldBe([false, true]);
        host.Log.Heard = null;
    }
}
