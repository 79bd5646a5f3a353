using Simmer.CrashTests.Worker;
using Simmer.FleetTests.Chaos;

namespace Simmer.FleetTests.Leases;

/// <summary>A worker whose handlers block all threads of the pool.</summary>
public sealed class BlockedThreads
{
    private const int Many = 32;
    private const string Beats = "SELECT beats FROM simmer.worker ORDER BY id DESC LIMIT 1";

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(90);

    [Fact]
    [Trait("Rule", "7")]
    public async Task Handlers_that_block_every_thread_of_the_pool_cost_no_lease()
    {
        await using var fleet = await Fleet.StartAsync();
        var worker = await fleet.SpawnReadyAsync(static l => l with { Concurrency = Many, Queues = ["default"], PoolThreads = Many });
        _ = await fleet.EnqueueAsync(Many, static () => new Bad(BadHow.BlockUntilTold), new EnqueueOptions { Queue = "default" });
        await fleet.SaidAsync("what = 'started'", Many, s_limit);

        // This takes longer than the lease of three seconds. The process that enqueued watches the worker, and would take its jobs if the
        // beats stopped.
        var enough = await fleet.NumberAsync(Beats) + 6;
        await fleet.UntilAsync("its heart does not beat", s_limit, async () => await fleet.NumberAsync(Beats) >= enough);
        fleet.DidOf("what = 'done'").ShouldBe(0, "they block still");
        await File.WriteAllTextAsync(Path.Combine(fleet.Folder, BadHandler.Go), "", TestContext.Current.CancellationToken);
        await fleet.SaidAsync("what = 'done'", Many, s_limit);

        fleet.DidOf("run > 1").ShouldBe(0, "none was taken from it");
        worker.Lines("lease in time").ShouldBeEmpty();
        await fleet.FinishAsync(s_limit, worker);
        await fleet.EndAsync("blocked threads");
    }
}
