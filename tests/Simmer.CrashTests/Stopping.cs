using Simmer.CrashTests.Worker;

namespace Simmer.CrashTests;

/// <summary>SIGTERM, as every deploy sends it.</summary>
[Trait("Rule", "13")]
public class Stopping
{
    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task A_stop_during_load_spends_no_attempt_and_runs_nothing_twice()
    {
        await using var fleet = new Fleet();
        await fleet.EnqueueAsync(4_000, static () => new Count(4));
        for (var i = 0; i < 4; i++)
        {
            var worker = await fleet.SpawnReadyAsync(static l => l with { Callers = 2 });
            await fleet.UntilAsync("it does not work", s_soon, () => Effects(fleet, worker) > 20);
            await worker.StopAsync();
        }

        fleet.Workers.Count(w => Effects(fleet, w) > 0)
            .ShouldBeGreaterThan(2, "workers that had work to leave behind");
        await DrainAsync(fleet);
        await EndAsync(fleet);
    }

    [Fact]
    public async Task What_is_longer_than_the_deadline_is_told_to_stop_and_given_back_without_an_attempt()
    {
        await using var fleet = new Fleet();
        var worker = await WorkingLongAsync(fleet, static l => l with { ShutdownSeconds = 1 });

        var since = TimeProvider.System.GetTimestamp();
        await worker.StopAsync();

        TimeProvider.System.GetElapsedTime(since).ShouldBeLessThan(s_soon);
        TellsThatItWasStopped(fleet);
        await DrainAsync(fleet);
        await EndAsync(fleet);
    }

    [Fact]
    public async Task A_second_SIGTERM_ends_the_drain_and_gives_back_what_runs()
    {
        await using var fleet = new Fleet();
        var worker = await WorkingLongAsync(fleet, static l => l with { ShutdownSeconds = 300 });
        worker.Terminate();
        await fleet.UntilAsync("it does not drain", s_soon, () => worker.Lines("Stopping").Count > 0);
        Ended(fleet).ShouldBe(0, "the first only waits");

        worker.Terminate();
        await worker.StoppedAsync();

        TellsThatItWasStopped(fleet);
        await DrainAsync(fleet);
        await EndAsync(fleet);
    }

    private static long Effects(Fleet fleet, WorkerProcess worker) =>
        Audit.Number(fleet.Effects, $"SELECT count(*) FROM effect WHERE life = {worker.Life.Life}");

    private static async Task<WorkerProcess> WorkingLongAsync(Fleet fleet, Func<WorkerLife, WorkerLife> with)
    {
        await fleet.EnqueueAsync(BadHandler.Slots, static () => new Bad(BadHow.WorkLong, 600_000));
        var worker = await fleet.SpawnReadyAsync(with);
        await fleet.UntilAsync("they do not start", s_soon,
            () => Audit.Number(fleet.Effects, "SELECT count(*) FROM effect WHERE what = 'started'") == BadHandler.Slots);
        return worker;
    }

    private static long Ended(Fleet fleet) => Audit.Number(fleet.Effects, "SELECT count(*) FROM effect WHERE what <> 'started'");

    private static void TellsThatItWasStopped(Fleet fleet)
    {
        Audit.Number(fleet.Effects, "SELECT count(*) FROM effect WHERE what = 'stopped'").ShouldBe(BadHandler.Slots);
        Audit.Number(fleet.Jobs, "SELECT count(*) FROM simmer_job WHERE state = 3 AND owner IS NULL AND suspect = 0")
            .ShouldBe(BadHandler.Slots, "given back, and not suspect");
    }

    private static async Task DrainAsync(Fleet fleet)
    {
        var last = await fleet.SpawnReadyAsync();
        await fleet.DrainedAsync(TimeSpan.FromSeconds(60));
        await last.StopAsync();
    }

    private static async Task EndAsync(Fleet fleet)
    {
        Audit.Number(fleet.Jobs,
            "SELECT count(*) FROM simmer_history h WHERE state = 5 AND run - forgiven <> 1 + (SELECT count(*) FROM simmer_error e WHERE "
            + "e.job = h.id)").ShouldBe(0, "attempts spent");
        await fleet.EndAsync("no kills");
    }
}
