using Simmer.CrashTests;
using Simmer.CrashTests.Worker;

namespace Simmer.FleetTests.Chaos;

/// <summary>SIGKILL of workers and of processes that only enqueue, at any moment and around the commits of single verbs. SIMMER_SEED
/// repeats a run's fates, SIMMER_KILLS makes it longer.</summary>
public class Killing
{
    private const int Workers = 3;
    private const int Callers = 3;

    // By these names WitnessStore knows what is asked of the store.
    private static readonly string[] s_verbs =
        ["register", "enqueue", "dispatch", "claim", "settle", "retry", "workflow", "release", "add", "progress", "cancel", "beat"];

    private static readonly int s_kills = Settings.Kills(100);
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(120);

    private int _kills;

    [Fact]
    [Trait("Rule", "3")]
    [Trait("Rule", "6")]
    public async Task Every_acknowledged_job_ends_once_however_often_workers_and_web_processes_are_killed()
    {
        var story = $"SIMMER_SEED={Settings.Seed} SIMMER_KILLS={s_kills}";
        await using var fleet = await Fleet.StartAsync();
        await fleet.EnqueueLoadAsync(1_000, Settings.Seed);
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => LiveAndDieAsync(fleet, isWeb: false))
            .Append(LiveAndDieAsync(fleet, isWeb: true)));
        await fleet.EnqueueLoadAsync(100, Settings.Seed + 1);

        var last = await fleet.SpawnReadyAsync(2);
        await fleet.DrainedAsync(s_limit);
        await Task.WhenAll(last.Select(static w => w.StopAsync()));
        await fleet.EndAsync($"{story}, {_kills} kills");
    }

    private async Task LiveAndDieAsync(Fleet fleet, bool isWeb)
    {
        while (Volatile.Read(ref _kills) < s_kills)
        {
            var random = new Random((Settings.Seed * 7919) + fleet.Workers.Count + (isWeb ? 1_000_000 : 0));
            var point = random.Next(3) == 0
                ? new KillPoint(s_verbs[random.Next(s_verbs.Length)], random.Next(2) == 0 ? KillWhen.Before : KillWhen.After,
                    random.Next(1, 4))
                : null;
            using var worker = fleet
                .Spawn(l => l with { Callers = isWeb ? Callers : 1, Kill = point }, options: ("Worker__Enabled", $"{!isWeb}"));
            if (point is not null || random.Next(4) > 0)
            {
                await worker.ReadyOrGoneAsync();
            }

            // One that is to die by itself may not come to its point.
            await Task.WhenAny(worker.Exited,
                Task.Delay(point is not null ? 1_000 : random.Next(20, 700), TestContext.Current.CancellationToken));
            await worker.KillAsync();
            worker.ExitCode.ShouldBe(WorkerProcess.Killed, worker.ToString());
            _ = Interlocked.Increment(ref _kills);
        }
    }
}
