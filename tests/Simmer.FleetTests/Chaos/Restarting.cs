using Simmer.CrashTests.Worker;
using Simmer.Servers;

namespace Simmer.FleetTests.Chaos;

/// <summary>The database goes away and comes back, under load.</summary>
public class Restarting
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(90);

    [Theory]
    [InlineData(StopMode.Fast)]
    [InlineData(StopMode.Immediate)]
    [Trait("Rule", "3")]
    [Trait("Rule", "5")]
    public async Task A_restarted_database_costs_time_and_nothing_else(StopMode mode)
    {
        await using var fleet = await Fleet.StartAsync();
        await fleet.EnqueueLoadAsync(1_000);
        var workers = await fleet.SpawnReadyAsync(3, static l => l with { Callers = 2 });
        for (var i = 0; i < 3; i++)
        {
            await fleet.WorksAsync(s_limit);
            await fleet.Server.StopAsync(mode);
            await fleet.Server.StartAsync();
            var since = TimeProvider.System.GetTimestamp();
            await fleet.WorksAsync(s_limit, 1);
            Console.WriteLine($"{mode}: the first job ended {TimeProvider.System.GetElapsedTime(since).TotalSeconds:0.0} s after the "
                + "server accepted connections");
        }

        await fleet.WorksAsync(s_limit);
        await fleet.FinishAsync(s_limit, workers);
        await fleet.EndAsync($"restarts, {mode}");
    }

    [Fact]
    public async Task A_database_that_is_away_for_longer_than_the_lease_costs_no_job_its_attempt()
    {
        await using var fleet = await Fleet.StartAsync();
        var ids = await fleet.EnqueueAsync(BadHandler.Slots, static () => new Bad(BadHow.WorkLong, 600_000));
        var workers = await fleet.SpawnReadyAsync(2, static l => l with { Callers = 2 });
        await fleet.SaidAsync("kind = 'bad' AND what = 'started'", ids.Count, s_limit);
        await fleet.WorksAsync(s_limit);

        await fleet.Server.StopAsync();
        await fleet.SaidAsync("kind = 'bad' AND what = 'stopped'", ids.Count, s_limit);
        await Task.Delay(WorkerLife.Lease, TestContext.Current.CancellationToken);
        await fleet.Server.StartAsync();

        await fleet.WorksAsync(s_limit);
        await fleet.FinishAsync(s_limit, workers);
        (await fleet
            .NumberAsync("SELECT count(*) FROM simmer.history h JOIN simmer.kind k ON k.id = h.kind WHERE k.name = 'bad' AND h.run - "
            + "h.forgiven = 1")).ShouldBe(ids.Count, "attempts");
        await fleet.EndAsync("one long outage");
    }
}
