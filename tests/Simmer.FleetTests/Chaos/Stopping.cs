using Simmer.CrashTests.Worker;

namespace Simmer.FleetTests.Chaos;

/// <summary>SIGTERM during load, as every deploy sends it.</summary>
public class Stopping
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(90);

    [Fact]
    [Trait("Rule", "13")]
    public async Task A_rolling_deploy_during_load_spends_no_attempt_and_runs_nothing_twice()
    {
        await using var fleet = await Fleet.StartAsync();
        await fleet.EnqueueLoadAsync(2_000);
        var current = await fleet.SpawnReadyAsync(2, static l => l with { Callers = 2 });
        for (var i = 0; i < 3; i++)
        {
            // The next version comes before the old one leaves.
            var next = await fleet.SpawnReadyAsync(2, static l => l with { Callers = 2 });
            await fleet.WorksAsync(s_limit);
            await Task.WhenAll(current.Select(static w => w.StopAsync()));
            current = next;
        }

        await fleet.FinishAsync(s_limit, current);
        (await fleet.RowsAsync("SELECT DISTINCT type FROM simmer.error")).ShouldNotContain(ErrorTypes.LeaseLost);
        await fleet.EndAsync("rolling deploys");
    }

    [Fact]
    [Trait("Rule", "13")]
    public async Task What_is_longer_than_the_deadline_is_given_back_without_an_attempt()
    {
        await using var fleet = await Fleet.StartAsync();
        var ids = await fleet.EnqueueAsync(BadHandler.Slots, static () => new Bad(BadHow.WorkLong, 600_000));
        var worker = await fleet.SpawnReadyAsync(static l => l with { ShutdownSeconds = 1 });
        await fleet.SaidAsync("what = 'started'", ids.Count, s_limit);

        await worker.StopAsync();

        fleet.DidOf("what = 'stopped'").ShouldBe(ids.Count);
        (await fleet.NumberAsync("SELECT count(*) FROM simmer.job WHERE state = 3 AND owner IS NULL AND run = 1 AND forgiven = 1"))
            .ShouldBe(ids.Count, "given back, and not suspect");
        await fleet.FinishAsync(s_limit);
        await fleet.EndAsync("one deadline");
    }
}
