using System.Collections.Concurrent;
using Simmer.CrashTests.Faults;
using Simmer.CrashTests.Worker;

namespace Simmer.CrashTests;

/// <summary>SIGKILL at any moment and at chosen points, with one to four processes on the file. SIMMER_SEED repeats a run's fates,
/// SIMMER_KILLS makes it longer.</summary>
[Collection(Alone.Name)]
public class Killing
{
    private const int MostAtOnce = 4;
    private const int Backlog = 1_000;

    private static readonly int s_kills = Settings.Kills(200);
    private static readonly TimeSpan s_stopsWithin = TimeSpan.FromSeconds(20);

    private readonly ConcurrentDictionary<string, int> _hits = new();
    private int _kills;

    [Fact]
    public async Task Every_acknowledged_job_ends_once_however_often_and_wherever_its_worker_is_killed()
    {
        DiskFaults.Need();
        var story = $"SIMMER_SEED={Settings.Seed} SIMMER_KILLS={s_kills}";
        var random = new Random(Settings.Seed);
        await using var fleet = new Fleet();
        for (var atOnce = 1; atOnce <= MostAtOnce; atOnce++)
        {
            // A backlog to be claimed. Then this process leaves the store: otherwise it would rescue and promote in place of the processes
            // that are to be killed while they do so.
            await fleet.EnqueueAsync(Backlog, () => random.Next(10) == 0
                ? new Exact(RollsBack: random.Next(3) == 0 ? 1 : 0)
                : new Count(random.Next(4) == 0 ? random.Next(20) : 0));
            await fleet.LeaveAsync();
            var until = s_kills * atOnce / MostAtOnce;
            await Task.WhenAll(Enumerable.Range(0, atOnce).Select(_ => LiveAndDieAsync(fleet, until, isCrowded: atOnce > 2)));
            new Audit(fleet, new Expected(), $"{story}, {_kills} kills, in {fleet.Folder}").Halfway();
        }

        var last = await fleet.SpawnReadyAsync();
        await fleet.DrainedAsync(TimeSpan.FromSeconds(120));
        await last.StopAsync();
        Console.WriteLine($"{story}: {_kills} kills, {_hits.Count} of {Fate.Names.Count()} chosen points hit {_hits.Values.Sum()} times, "
            + $"{AckFile.ReadAll(fleet.Folder).Count} jobs; never hit: {string.Join(", ", Fate.Names.Except(_hits.Keys))}");
        await fleet.EndAsync(story);

        // Not all of them can be hit in a short run; but most kills that were meant for a point must have come there.
        _hits.Values.Sum().ShouldBeGreaterThanOrEqualTo(s_kills / 5, story);
    }

    private async Task LiveAndDieAsync(Fleet fleet, int until, bool isCrowded)
    {
        while (Volatile.Read(ref _kills) < until)
        {
            var fate = new Fate();
            using var worker = fleet.Spawn(
                life => (fate = Fate.Of(Settings.Seed, life.Life, isCrowded)).Shape(life),
                life => fate.Fault is { } fault ? DiskFaults.Environment(fate.AtCheckpoint ? null : life.FaultGate, fault) : null);
            await EndAsync(worker, fate);
            if (worker.ExitCode == WorkerProcess.Killed)
            {
                _ = Interlocked.Increment(ref _kills);
            }
            else
            {
                worker.ExitCode.ShouldBe(0, worker.ToString());
            }
        }
    }

    private async Task EndAsync(WorkerProcess worker, Fate fate)
    {
        if (!fate.WhileStarting)
        {
            await worker.ReadyOrGoneAsync();
        }

        if (await IsGoneAsync(worker, fate.Time))
        {
            _ = _hits.AddOrUpdate(fate.Name, 1, static (_, n) => n + 1);
            return;
        }

        if (fate.Stops)
        {
            worker.Terminate();
            if (await IsGoneAsync(worker, s_stopsWithin))
            {
                if (worker.ExitCode == WorkerProcess.Killed)
                {
                    _ = _hits.AddOrUpdate(fate.Name, 1, static (_, n) => n + 1);
                }

                return;
            }
        }

        await worker.KillAsync();
    }

    private static async Task<bool> IsGoneAsync(WorkerProcess worker, TimeSpan within) =>
        await Task.WhenAny(worker.Exited, Task.Delay(within)) == worker.Exited;
}
