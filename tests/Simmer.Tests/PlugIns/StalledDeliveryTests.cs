using Microsoft.Extensions.DependencyInjection;
using Simmer.Storage;
using Simmer.Tests.Engine;

namespace Simmer.Tests.PlugIns;

/// <summary>Between the store's answer and the start of the claimed jobs, code of the application runs, such as a log provider. However
/// long that takes, no job starts whose lease may be over.</summary>
public sealed class StalledDeliveryTests
{
    private readonly ShakyStore _store = new();
    private readonly Bench _bench = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Rule", "4")]
    public async Task What_was_given_to_a_worker_that_was_declared_dead_meanwhile_does_not_start_behind_a_sink_that_stalled()
    {
        var (stalled, goOn) = (new Signal(), new ManualResetEventSlim());
        await using var host = await StartAsync();
        host.Log.Heard = line =>
        {
            if (line.EventId == 1014)
            {
                stalled.Set();
                goOn.Wait(Cancelled);
            }
        };
        var first = await host.Jobs.EnqueueAsync(new Work("first"), cancellationToken: Cancelled);
        await _bench.Started("first").WaitAsync();
        var second = await host.Jobs.EnqueueAsync(new Work("second"), cancellationToken: Cancelled);
        _store.ChangeNextAnswer(static report => new FlushReport
        {
            Settlements = [.. report.Settlements.Select(static s => s with { Settled = false })],
            Claims = report.Claims,
        });

        // The answer to its end brings the second, and has something to log before that starts.
        _bench.Release("first");
        await stalled.WaitAsync();
        var engine = host.Node.Durable!;
        var worker = (await _store.Browser.WorkersAsync(host.Node.Context.Now, Cancelled)).Single(w => w.Id == engine.Registered);
        await _store.RescueAsync(new RescueRequest([(worker.Id, worker.Beats)], TimeSpan.Zero, SweepOrphans: false),
            host.Node.Context.Now, Cancelled);
        engine.WorkerGone(worker.Id);
        _ = await engine.RegisteredAsync();
        goOn.Set();

        await _bench.Started("second").WaitAsync();
        (await second.GetAsync(Cancelled))!.Run.ShouldBe(2, "the run that was given to the dead worker never began");
        _bench.Release("second");
        await host.Jobs.WaitAsync(second.Id, Cancelled);
        _bench.Starts.ShouldBe(["first", "second"]);
        first.Id.ShouldNotBe(second.Id);
    }

    [Fact]
    [Trait("Rule", "9")]
    public async Task Nor_does_it_start_when_the_lease_ran_out_and_nobody_has_noticed()
    {
        var time = new JumpingTime();
        await using var host = await StartAsync(time);
        await host.Node.Durable!.Flusher.WhenIdle();
        var late = _store.DelayNextAnswer();
        var enqueue = host.Jobs.EnqueueAsync(new Work("late"), cancellationToken: Cancelled);
        await Until.True(() => _store.Flushes.Any(static f => f.Enqueues.Count > 0), "it is on its way");

        // As after a freeze: the flusher goes on first, before the thread that watches the lease.
        time.Jump(TimeSpan.FromMinutes(1));
        late.Set();

        var handle = await enqueue;
        await _bench.Started("late").WaitAsync();
        (await handle.GetAsync(Cancelled))!.Run.ShouldBe(2, "it was given back, and claimed when the lease was confirmed again");
        _bench.Release("late");
        await handle.WaitAsync(Cancelled);
        _bench.Starts.ShouldBe(["late"]);
    }

    private Task<EngineHost> StartAsync(TimeProvider? time = null) => EngineHost.StartAsync(
        s => _bench.AddTo(s.UseStore("shaky", _ => _store).AddQueue("default", static q => (q.Concurrency, q.MaxPrefetch) = (1, 0))
            .Configure(static o => o.PollInterval = TimeSpan.FromMilliseconds(100))),
        b =>
        {
            if (time is not null)
            {
                b.Services.AddSingleton(time);
            }
        });

    /// <summary>The system's time, whose monotonic clock can jump; the timers do not jump with it.</summary>
    private sealed class JumpingTime : TimeProvider
    {
        private long _ahead;

        public void Jump(TimeSpan time) => Interlocked.Add(ref _ahead, (long)(time.TotalSeconds * TimestampFrequency));

        public override long GetTimestamp() => base.GetTimestamp() + Interlocked.Read(ref _ahead);
    }
}
