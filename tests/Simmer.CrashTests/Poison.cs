using System.Numerics;
using Simmer.CrashTests.Faults;
using Simmer.CrashTests.Worker;

namespace Simmer.CrashTests;

/// <summary>A job that ends its process every time it runs.</summary>
[Trait("Rule", "10")]
public class Poison
{
    private const int Innocents = 200;

    // The worker has only this queue, with few slots, so that few deaths are forgiven.
    private static readonly string[] s_queues = ["bad"];
    private static readonly int s_deaths = BitOperations.Log2(BadHandler.Slots) + 1 + 1;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(90);

    [Theory]
    [InlineData(BadHow.Kill)]
    [InlineData(BadHow.FailFast)]
    [InlineData(BadHow.ThrowOnThread)]
    public async Task It_ends_failed_as_poison_and_none_beside_it_loses_an_attempt(BadHow how)
    {
        DiskFaults.Need();
        await using var fleet = new Fleet();
        await fleet.EnqueueAsync(Innocents / 2, static () => new Count(1), new EnqueueOptions { Queue = "bad" });
        var poison = await fleet.EnqueueAsync(1, () => new Bad(how));
        await fleet.EnqueueAsync(Innocents / 2, static () => new Count(1), new EnqueueOptions { Queue = "bad" });

        // On a slow disk many are claimed ahead, so that all of them are the killer's neighbours.
        var neighbours = await RunUntilDeadAsync(fleet);
        var deaths = 1;
        while (Audit.Number(fleet.Jobs, "SELECT count(*) FROM simmer_job") > 0)
        {
            await RunUntilDeadOrDrainedAsync(fleet);
            deaths++;
        }

        neighbours.ShouldBeGreaterThan(10, "jobs that the dead process had beside the killer");
        Audit.Rows(fleet.Jobs, "SELECT id, reason FROM simmer_history WHERE state = 6")
            .ShouldBe([$"{poison[0]} its workers kept being lost while it ran"]);
        Audit.Number(fleet.Jobs, $"SELECT count(*) FROM simmer_error WHERE type = '{ErrorTypes.Poison}'").ShouldBe(1);
        Audit.Number(fleet.Jobs, "SELECT count(*) FROM simmer_history WHERE state = 5 AND run - forgiven = 1")
            .ShouldBe(Innocents, "innocent jobs that lost nothing");
        fleet.Workers.Count(static w => w.ExitCode != 0).ShouldBe(s_deaths, "forgiven until it was alone, and once counted");
        await fleet.EndAsync($"poison by {how}, {deaths} lives", new Expected { Failed = poison });
    }

    private static async Task<long> RunUntilDeadAsync(Fleet fleet)
    {
        var worker = await fleet
            .SpawnReadyAsync(static l => l with { Queues = s_queues },
            environment: static _ => DiskFaults.Environment(null, new DiskFault("sync", "-wal", "slow", Microseconds: 30_000)));
        await worker.Exited.WaitAsync(s_limit);
        return Audit.Number(fleet.Jobs, "SELECT count(*) FROM simmer_job WHERE state = 4") - 1;
    }

    private static async Task RunUntilDeadOrDrainedAsync(Fleet fleet)
    {
        using var worker = fleet.Spawn(static l => l with { Queues = s_queues });
        await fleet.UntilAsync("nothing happens", s_limit,
            () => worker.ExitCode is not null || Audit.Number(fleet.Jobs, "SELECT count(*) FROM simmer_job") == 0);
        if (worker.ExitCode is null)
        {
            await worker.StopAsync();
        }
    }
}
