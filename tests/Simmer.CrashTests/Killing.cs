using System.Globalization;

namespace Simmer.CrashTests;

/// <summary>SIGKILL at seeded moments. SIMMER_SEED repeats a run's moments, SIMMER_KILLS makes it longer.</summary>
public class Killing
{
    [Fact]
    public async Task Every_acknowledged_job_ends_once_however_often_its_worker_is_killed()
    {
        var seed = Setting("SIMMER_SEED") ?? Random.Shared.Next(1, 1_000_000);
        var kills = Setting("SIMMER_KILLS") ?? 24;
        var random = new Random(seed);
        var story = $"SIMMER_SEED={seed} SIMMER_KILLS={kills}";
        Console.WriteLine($"Killing: {story}");
        await using var fleet = await Fleet.StartAsync();
        using var enough = new CancellationTokenSource();
        var enqueuing = EnqueueAsync(fleet, new Random(seed + 1), enough.Token);

        var killed = new List<int>();
        for (var i = 0; i < kills; i++)
        {
            var worker = fleet.Spawn(callers: 2);
            if (random.Next(6) == 0)
            {
                // While it starts: migrations, registration, the first claim.
                await Task.Delay(random.Next(600), TestContext.Current.CancellationToken);
            }
            else
            {
                await worker.Ready.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
                await Task.Delay(random.Next(20, 900), TestContext.Current.CancellationToken);
            }

            await worker.KillAsync();
            killed.Add(worker.Life.Life);
        }

        await enough.CancelAsync();
        await enqueuing;
        var last = fleet.Spawn();
        await last.Ready.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        await fleet.DrainedAsync(TimeSpan.FromSeconds(60));
        await last.StopAsync();
        await fleet.LeaveAsync();

        fleet.Audit(killed, story);
    }

    private static async Task EnqueueAsync(Fleet fleet, Random random, CancellationToken enough)
    {
        while (!enough.IsCancellationRequested)
        {
            await fleet.EnqueueAsync(random.Next(1, 20), () => random.Next(4) == 0 ? random.Next(20) : 0);
            await Task.Delay(random.Next(10, 60), CancellationToken.None);
        }
    }

    private static int? Setting(string name) => int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : null;
}
