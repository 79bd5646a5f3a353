using Simmer.CrashTests.Worker;

namespace Simmer.CrashTests;

/// <summary>SIGTERM, as every deploy sends it.</summary>
public class Stopping
{
    [Fact]
    public async Task A_stop_during_load_spends_no_attempt_and_runs_nothing_twice()
    {
        await using var fleet = new Fleet();
        await fleet.EnqueueAsync(4_000, static () => new Count(4));
        for (var i = 0; i < 4; i++)
        {
            var worker = await fleet.SpawnReadyAsync(static l => l with { Callers = 2 });
            await Task.Delay(300, TestContext.Current.CancellationToken);
            await worker.StopAsync();
        }

        var last = fleet.Spawn();
        await fleet.DrainedAsync(TimeSpan.FromSeconds(60));
        await last.StopAsync();

        Audit.Number(fleet.Jobs, "SELECT count(*) FROM simmer_history h WHERE run - forgiven <> 1 + (SELECT count(*) FROM simmer_error e WHERE e.job = h.id)").ShouldBe(0, "attempts spent");
        fleet.Workers.Count(w => Audit.Number(fleet.Effects, $"SELECT count(*) FROM effect WHERE life = {w.Life.Life}") > 0)
            .ShouldBeGreaterThan(2, "workers that had work to leave behind");
        await fleet.EndAsync("no kills");
    }
}
