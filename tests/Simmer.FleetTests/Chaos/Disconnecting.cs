using Simmer.CrashTests.Worker;
using Simmer.Servers;

namespace Simmer.FleetTests.Chaos;

/// <summary>The network between a worker and the database is cut or stalled, and heals; another worker has its own way there.</summary>
public class Disconnecting
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(90);

    public enum Trouble
    {
        Cut,
        Stall,
        AnswersLost,
    }

    [Theory]
    [InlineData(Trouble.Cut)]
    [InlineData(Trouble.Stall)]
    [InlineData(Trouble.AnswersLost)]
    [Trait("Rule", "3")]
    public async Task A_network_that_fails_for_less_than_the_lease_costs_time_only(Trouble trouble)
    {
        await using var fleet = await Fleet.StartAsync();
        await using var network = TcpProxy.Before(fleet.Database);
        await fleet.EnqueueLoadAsync(400);
        var (far, near) = await FarAndNearAsync(fleet, network);
        for (var i = 0; i < 4; i++)
        {
            await fleet.SaidAsync("life = 1 AND what = 'done'", fleet.DidOf("life = 1 AND what = 'done'") + 20, s_limit);
            Begin(network, trouble);
            await Task.Delay(WorkerLife.Lease / 10, TestContext.Current.CancellationToken);
            network.Heal();
        }

        await fleet.SaidAsync("life = 1 AND what = 'done'", fleet.DidOf("life = 1 AND what = 'done'") + 20, s_limit);
        await fleet.FinishAsync(s_limit, far, near);
        await fleet.EndAsync($"short {trouble}");
    }

    [Theory]
    [InlineData(Trouble.Cut)]
    [InlineData(Trouble.Stall)]
    [InlineData(Trouble.AnswersLost)]
    [Trait("Rule", "9")]
    public async Task A_network_that_fails_for_longer_than_the_lease_stops_the_handlers_before_another_worker_has_their_jobs(
        Trouble trouble)
    {
        await using var fleet = await Fleet.StartAsync();
        await using var network = TcpProxy.Before(fleet.Database);
        var ids = await fleet.EnqueueAsync(BadHandler.Slots, static () => new Bad(BadHow.WorkLong, 600_000));
        var far = await fleet.SpawnReadyAsync(static l => l with { Callers = 2 },
            p => p with { Database = network.Through(fleet.Database) });
        await fleet.SaidAsync("life = 1 AND kind = 'bad' AND what = 'started'", ids.Count, s_limit);
        var near = await fleet.SpawnReadyAsync(static l => l with { Callers = 2 });

        Begin(network, trouble);
        await fleet.SaidAsync("life = 2 AND kind = 'bad' AND what = 'done'", ids.Count, s_limit);
        var stopped = Did.Number(fleet.Folder, "SELECT max(n) FROM effect WHERE life = 1 AND kind = 'bad' AND what = 'stopped'");
        var again = Did.Number(fleet.Folder, "SELECT min(n) FROM effect WHERE life = 2 AND kind = 'bad' AND what = 'started'");
        network.Heal();

        stopped.ShouldBeLessThan(again, "two runs of a job never overlap for handlers that obey");
        await fleet.SaidAsync("life = 1 AND what = 'done'", fleet.DidOf("life = 1 AND what = 'done'") + 50, s_limit);
        await fleet.FinishAsync(s_limit, far, near);
        far.Lines("has declared this worker dead").Count.ShouldBeGreaterThan(0);
        await fleet.EndAsync($"long {trouble}");
    }

    private static async Task<(CrashTests.WorkerProcess Far, CrashTests.WorkerProcess Near)> FarAndNearAsync(Fleet fleet, TcpProxy network)
    {
        var far = await fleet.SpawnReadyAsync(static l => l with { Callers = 2 },
            p => p with { Database = network.Through(fleet.Database) });
        return (far, await fleet.SpawnReadyAsync(static l => l with { Callers = 2 }));
    }

    private static void Begin(TcpProxy network, Trouble trouble)
    {
        if (trouble == Trouble.Cut)
        {
            network.Cut();
        }
        else
        {
            network.Stall(trouble == Trouble.Stall ? Ways.Both : Ways.ToClient);
        }
    }
}
