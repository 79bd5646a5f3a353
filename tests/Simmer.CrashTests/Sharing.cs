using Simmer.CrashTests.Worker;

namespace Simmer.CrashTests;

/// <summary>Two processes on one file.</summary>
public class Sharing
{
    [Fact]
    public async Task Two_workers_on_one_file_share_the_work()
    {
        await using var fleet = new Fleet();
        var workers = await Task
            .WhenAll(fleet.SpawnReadyAsync(static l => l with { Concurrency = 4 }),
            fleet.SpawnReadyAsync(static l => l with { Concurrency = 4 }));

        await fleet.EnqueueAsync(1_000, static () => new Count(5));
        await fleet.DrainedAsync(TimeSpan.FromSeconds(60));
        await Task.WhenAll(workers.Select(static w => w.StopAsync()));

        foreach (var worker in workers)
        {
            Audit.Number(fleet.Effects, $"SELECT count(*) FROM effect WHERE what = 'done' AND life = {worker.Life.Life}")
                .ShouldBeGreaterThan(200);
        }

        await fleet.EndAsync("no kills");
    }
}
