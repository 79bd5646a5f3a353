using Simmer.Tests.Engine;

namespace Simmer.Tests.Durable;

/// <summary>Handlers that block their threads, in a queue that has threads of its own.</summary>
public abstract class BlockedThreadsTests<TDatabase> : DurableTest<TDatabase>
    where TDatabase : IJobDatabase, new()
{
    private const int Slots = 32;

    private static readonly int[] s_lost = [1014, 1024, 1025];

    [Fact]
    [Trait("Rule", "7")]
    public async Task Handlers_that_block_every_slot_for_longer_than_the_lease_cost_nobody_anything()
    {
        using var started = new CountdownEvent(Slots);
        using var goOn = new ManualResetEventSlim();
        var onPool = 0;
        await using var host = await StartAsync(s => s
            .AddQueue("blocking", static q => (q.Concurrency, q.Threads) = (Slots, QueueThreads.Dedicated))
            .AddJob(
                (Work _, CancellationToken _) =>
                {
                    Interlocked.Add(ref onPool, Thread.CurrentThread.IsThreadPoolThread ? 1 : 0);
                    started.Signal();
                    goOn.Wait(Cancelled);
                    return Task.CompletedTask;
                },
                static o => o.Queue = "blocking")
            .AddJob(static (Greet _, CancellationToken _) => Task.CompletedTask)
            .Configure(static o => o.Lease = TimeSpan.FromSeconds(3)));
        await using var other =
            await StartClientAsync(static s => s.AddJob<Greet>().Configure(static o => o.Lease = TimeSpan.FromSeconds(3)));
        var blocked = await host.Jobs
            .EnqueueManyAsync(Enumerable.Range(0, Slots).Select(static n => new Work($"{n}")), cancellationToken: Cancelled);
        await Until.True(() => started.IsSet, "all run");

        // A beat is a third of the lease. The other process watches, and would take the jobs if the beats stopped.
        var enough = await BeatsOfAsync(host) + 5;
        await (await other.Jobs.EnqueueAsync(new Greet("Ada"), cancellationToken: Cancelled)).WaitAsync(Cancelled);
        await Until.TrueAsync(async () => await BeatsOfAsync(host) >= enough, "its heart beats");
        goOn.Set();
        await Task.WhenAll(blocked.Select(static b => b.WaitAsync(Cancelled)));

        onPool.ShouldBe(0);
        foreach (var job in blocked)
        {
            (await job.GetAsync(Cancelled))!.Run.ShouldBe(1);
        }

        host.Log.Lines.ShouldNotContain(static l => s_lost.Contains(l.EventId));
    }

    private static async Task<long> BeatsOfAsync(EngineHost host) =>
        (await host.Node.Durable!.Store.Browser.WorkersAsync(host.Node.Context.Now, Cancelled))
            .Single(w => w.Id == host.Node.Durable.Registered).Beats;
}
