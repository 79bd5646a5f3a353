using Simmer.CrashTests.Worker;

namespace Simmer.CrashTests;

/// <summary>Two processes on one file.</summary>
public class Sharing
{
    [Fact]
    public async Task Two_workers_on_one_file_share_the_work()
    {
        await using var fleet = await Fleet.StartAsync();
        var (one, other) = (fleet.Spawn(concurrency: 4), fleet.Spawn(concurrency: 4));
        await Task.WhenAll(one.Ready, other.Ready).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        await fleet.EnqueueAsync(1_000, static () => 5);
        await fleet.DrainedAsync(TimeSpan.FromSeconds(60));
        await one.StopAsync();
        await other.StopAsync();
        await fleet.LeaveAsync();

        fleet.Audit([], "no kills");
        foreach (var worker in fleet.Workers)
        {
            Audit.Number(WorkerLife.Effects(fleet.Folder), $"SELECT count(*) FROM effect WHERE done = 1 AND life = {worker.Life.Life}").ShouldBeGreaterThan(200);
        }
    }
}
