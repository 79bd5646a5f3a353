using Simmer.CrashTests.Worker;

namespace Simmer.CrashTests;

/// <summary>SIGTERM, as every deploy sends it.</summary>
public class Stopping
{
    [Fact]
    public async Task A_stop_during_load_spends_no_attempt_and_runs_nothing_twice()
    {
        await using var fleet = await Fleet.StartAsync();
        await fleet.EnqueueAsync(4_000, static () => 4);
        for (var i = 0; i < 4; i++)
        {
            var worker = fleet.Spawn(callers: 2);
            await worker.Ready.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
            await Task.Delay(300, TestContext.Current.CancellationToken);
            await worker.StopAsync();
        }

        var last = fleet.Spawn();
        await fleet.DrainedAsync(TimeSpan.FromSeconds(60));
        await last.StopAsync();
        await fleet.LeaveAsync();

        fleet.Audit([], "no kills");
        Audit.Number(WorkerLife.Jobs(fleet.Folder), "SELECT count(*) FROM simmer_history WHERE run - forgiven <> 1").ShouldBe(0, "attempts spent");
        fleet.Workers.Count(static w => Audit.Number(WorkerLife.Effects(w.Life.Folder), $"SELECT count(*) FROM effect WHERE life = {w.Life.Life}") > 0)
            .ShouldBeGreaterThan(2, "workers that had work to leave behind");
    }
}
