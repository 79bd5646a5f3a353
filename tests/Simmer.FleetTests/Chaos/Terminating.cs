using Simmer.CrashTests;

namespace Simmer.FleetTests.Chaos;

/// <summary>An administrator, or a firewall, ends every connection again and again.</summary>
public class Terminating
{
    private const int Times = 40;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(90);

    [Fact]
    [Trait("Rule", "3")]
    [Trait("Rule", "5")]
    public async Task Connections_that_are_terminated_again_and_again_lose_nothing_and_run_nothing_twice()
    {
        await using var fleet = await Fleet.StartAsync();
        await fleet.EnqueueLoadAsync(1_000);
        var workers = await fleet.SpawnReadyAsync(3, static l => l with { Callers = 2 });
        var random = new Random(Settings.Seed);
        var ended = 0L;
        for (var i = 0; i < Times; i++)
        {
            await fleet.WorksAsync(s_limit, random.Next(1, 60));
            ended += await fleet
                .NumberAsync("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid "
                + "<> pg_backend_pid()");
        }

        await fleet.FinishAsync(s_limit, workers);
        ended.ShouldBeGreaterThan(Times * 3);
        await fleet.EndAsync($"SIMMER_SEED={Settings.Seed}, {ended} connections ended");
    }
}
