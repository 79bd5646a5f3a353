using Simmer.CrashTests.Worker;

namespace Simmer.CrashTests;

/// <summary>Handlers that do what none should, beside others that must not notice.</summary>
public class BadNeighbours
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task Handlers_that_block_every_slot_of_their_queue_cost_no_lease_and_stop_no_neighbour()
    {
        await using var fleet = new Fleet();
        var worker = await fleet.SpawnReadyAsync();
        await fleet.EnqueueAsync(BadHandler.Slots, static () => new Bad(BadHow.Block, 20_000));
        await fleet.UntilAsync("they do not start", s_limit, () => Effects(fleet, "kind = 'bad' AND what = 'started'") == BadHandler.Slots);

        await fleet.EnqueueAsync(200, static () => new Count(1));
        await fleet.UntilAsync("the neighbours stand still", s_limit, () => Effects(fleet, "kind = 'count' AND what = 'done'") == 200);
        Effects(fleet, "kind = 'bad' AND what = 'done'").ShouldBe(0, "the neighbours did not wait for them");
        await fleet.DrainedAsync(s_limit);
        await worker.StopAsync();

        worker.Lines("lease in time").ShouldBeEmpty();
        await EndsCleanAsync(fleet, BadHandler.Slots + 200);
    }

    [Fact]
    [Trait("Rule", "7")]
    public async Task Handlers_that_block_every_thread_of_the_pool_cost_no_lease()
    {
        const int Many = 32;
        await using var fleet = new Fleet();
        var worker = await fleet.SpawnReadyAsync(static l => l with { Concurrency = Many, Queues = ["default"], PoolThreads = Many });
        _ = await fleet.EnqueueAsync(Many, static () => new Bad(BadHow.BlockUntilTold), new EnqueueOptions { Queue = "default" });
        await fleet.UntilAsync("they do not start", s_limit, () => Effects(fleet, "kind = 'bad' AND what = 'started'") == Many);

        // Longer than the lease, which is three seconds.
        var worst = Audit.Number(fleet.Jobs, "SELECT beats FROM simmer_worker ORDER BY id DESC LIMIT 1") + 6;
        await fleet.UntilAsync("its heart does not beat", s_limit,
            () => Audit.Number(fleet.Jobs, "SELECT beats FROM simmer_worker ORDER BY id DESC LIMIT 1") >= worst);
        Effects(fleet, "kind = 'bad' AND what = 'done'").ShouldBe(0, "they block still");
        await File.WriteAllTextAsync(Path.Combine(fleet.Folder, BadHandler.Go), "", TestContext.Current.CancellationToken);
        await fleet.DrainedAsync(s_limit);
        await worker.StopAsync();

        worker.Lines("lease in time").ShouldBeEmpty();
        Effects(fleet, "run > 1").ShouldBe(0, "none was taken from it");
        await EndsCleanAsync(fleet, Many);
    }

    [Fact]
    public async Task Handlers_whose_release_throws_and_that_take_a_gigabyte_harm_nobody()
    {
        await using var fleet = new Fleet();
        var worker = await fleet.SpawnReadyAsync();
        await fleet.EnqueueAsync(20, static () => new Clumsy());
        await fleet.EnqueueAsync(1, static () => new Bad(BadHow.Allocate));
        await fleet.EnqueueAsync(200, static () => new Count(1));
        await fleet.DrainedAsync(s_limit);

        // These jobs end only when as many run at once as there are slots, so no slot was lost.
        await fleet.EnqueueAsync(BadHandler.Slots, static () => new Bad(BadHow.Together));
        await fleet.DrainedAsync(s_limit);
        await worker.StopAsync();

        worker.Lines("the handler lets go badly").Count.ShouldBe(20);
        worker.Lines("the service lets go badly").Count.ShouldBe(20);
        await EndsCleanAsync(fleet, 221 + BadHandler.Slots);
    }

    [Fact]
    public async Task A_handler_that_ignores_its_token_does_not_keep_the_process_and_its_job_comes_back_without_losing_an_attempt()
    {
        await using var fleet = new Fleet();
        await fleet.EnqueueAsync(1, static () => new Bad(BadHow.IgnoreToken, 600_000));
        await fleet.EnqueueAsync(20, static () => new Count(1));
        var worker = await fleet.SpawnReadyAsync(static l => l with { ShutdownSeconds = 1 });
        await fleet.UntilAsync("they do not run", s_limit,
            () => Effects(fleet, "what = 'started'") == 21 && Effects(fleet, "what = 'done'") == 20);
        await worker.StopAsync();

        worker.Lines("did not stop in time and are left behind").ShouldHaveSingleItem();
        var next = await fleet.SpawnReadyAsync();
        await fleet.DrainedAsync(s_limit);
        await next.StopAsync();
        await EndsCleanAsync(fleet, 21, new Expected { Excused = [worker.Life.Life] });
    }

    private static async Task EndsCleanAsync(Fleet fleet, int jobs, Expected? expected = null)
    {
        Audit.Number(fleet.Jobs, "SELECT count(*) FROM simmer_history WHERE state = 5 AND run - forgiven = 1 AND errors = 0")
            .ShouldBe(jobs);
        await fleet.EndAsync("bad handlers", expected);
    }

    private static long Effects(Fleet fleet, string which) => Audit.Number(fleet.Effects, $"SELECT count(*) FROM effect WHERE {which}");
}
