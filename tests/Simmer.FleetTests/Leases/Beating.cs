using Simmer.FleetTests.Hosts;
using Simmer.Storage;

namespace Simmer.FleetTests.Leases;

/// <summary>The heartbeat, and what a process does that was declared dead.</summary>
public sealed class Beating : HostTest
{
    [Fact]
    [Trait("Rule", "7")]
    public async Task The_heart_beats_while_a_flush_is_on_its_way()
    {
        await using var host = await StartAsync(static s => s.Configure(static o => o.Lease = TimeSpan.FromSeconds(3)));
        await DoAsync(host, 1, "first");
        var watcher = await ConnectAsync();
        await ExecuteAsync(watcher, """
            CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(4); RETURN NEW; END';
            CREATE TRIGGER slow BEFORE INSERT ON simmer.job FOR EACH ROW WHEN (NEW.unique_key = 'slow') EXECUTE FUNCTION slow();
            """);
        var beats = await AskAsync<long>(watcher, "SELECT max(beats) FROM simmer.worker");

        var slow = host.Jobs.EnqueueAsync(new Note("slow"), new EnqueueOptions { UniqueKey = "slow" }, Token);
        await BecomesAsync(watcher, $"(SELECT max(beats) > {beats} + 1 FROM simmer.worker)");

        slow.IsCompleted.ShouldBeFalse("two beats came while the flush was on its way");
        await (await slow).WaitAsync(Token);
    }

    [Fact]
    [Trait("Rule", "4")]
    [Trait("Rule", "9")]
    public async Task A_worker_that_was_declared_dead_stops_its_handlers_registers_anew_and_loses_nothing_that_was_enqueued()
    {
        var (started, stopped, second) = (new Signal(), new Signal(), new Signal());
        var runs = 0;
        await using var late = await StartAsync(s => s.AddJob(async (Pay _, CancellationToken token) =>
        {
            if (Interlocked.Increment(ref runs) > 1)
            {
                second.Set();
                return;
            }

            started.Set();
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, token);
            }
            catch (OperationCanceledException)
            {
                stopped.Set();
                throw;
            }
        }));
        await using var other = await StartClientAsync();
        var job = await late.Jobs.EnqueueAsync(new Pay(1), cancellationToken: Token);
        await started.WaitAsync();
        var gone = late.Node.Durable!.Registered!.Value;

        await DeclareDeadAsync(other.Node.Durable!.Store, gone);
        await DoAsync(late, 30, "after");

        await stopped.WaitAsync();
        await second.WaitAsync();
        await job.WaitAsync(Token);
        (await job.GetAsync(Token))!.ShouldSatisfyAllConditions(static j => j.State.ShouldBe(JobState.Succeeded),
            static j => (j.Run, j.Attempt).ShouldBe((2, 1)));
        late.Log.Lines.Count(static l => l.EventId == 1024).ShouldBe(1);
        late.Node.Durable.Registered!.Value.ShouldNotBe(gone);
        Notes.Order().ShouldBe(Enumerable.Range(0, 30).Select(static i => $"after {i}").Order());
    }

    private static async Task DeclareDeadAsync(IJobStore store, WorkerId worker)
    {
        RescueReport report;
        do
        {
            // The worker may beat in between.
            var beats = (await store.Browser.WorkersAsync(DateTimeOffset.UtcNow, Token)).Single(w => w.Id == worker).Beats;
            report = await store.RescueAsync(new RescueRequest([(worker, beats)], TimeSpan.Zero, SweepOrphans: false),
                DateTimeOffset.UtcNow, Token);
        }
        while (report.Dead.Count == 0);
    }
}
