using System.Numerics;
using Simmer.CrashTests.Worker;

namespace Simmer.FleetTests.Chaos;

/// <summary>How long the jobs of a killed worker wait, at the default lease.</summary>
public class Rescuing
{
    private const string Lease = "00:00:15";

    private const int Slots = 16;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    [Fact]
    [Trait("Rule", "10")]
    public async Task Half_of_the_jobs_of_a_killed_worker_run_at_once_on_another_with_as_many_slots_and_the_rest_as_soon_as_they_end()
    {
        await using var fleet = await Fleet.StartAsync();
        _ = await fleet.EnqueueAsync(Slots, static () => new Bad(BadHow.UntilTold), new EnqueueOptions { Queue = "default" });
        await fleet.LeaveAsync();
        var killed = await fleet.SpawnReadyAsync(With, options: ("Lease", Lease));
        await fleet.SaidAsync("what = 'started'", Slots, s_limit);
        var other = await fleet.SpawnReadyAsync(With, options: ("Lease", Lease));

        await killed.KillAsync();
        var since = TimeProvider.System.GetTimestamp();
        await fleet.SaidAsync("run = 2 AND what = 'started'", Slots / 2, s_limit);
        Console.WriteLine($"Half of the jobs of a killed worker ran elsewhere after "
            + $"{TimeProvider.System.GetElapsedTime(since).TotalSeconds:0.0} s, with a lease of {Lease}");

        // Nothing has ended, so that they run beside each other.
        fleet.DidOf("what = 'done'").ShouldBe(0);
        var told = TimeProvider.System.GetTimestamp();
        await File.WriteAllTextAsync(Path.Combine(fleet.Folder, BadHandler.Go), "", TestContext.Current.CancellationToken);
        await fleet.SaidAsync("run = 2 AND what = 'done'", Slots, s_limit);
        Console.WriteLine($"All of them had ended {TimeProvider.System.GetElapsedTime(told).TotalSeconds:0.0} s after they were told to");
        (await fleet.NumberAsync("SELECT count(*) FROM simmer.history WHERE run - forgiven = 1"))
            .ShouldBe(Slots, "none has lost an attempt");
        await fleet.FinishAsync(s_limit, other);
        await fleet.EndAsync("one kill, and jobs that go on");
    }

    [Fact]
    [Trait("Rule", "10")]
    public async Task A_job_that_kills_every_process_ends_as_poison_after_the_documented_number_of_deaths_and_no_job_beside_it()
    {
        await using var fleet = await Fleet.StartAsync();
        await File.WriteAllTextAsync(Path.Combine(fleet.Folder, BadHandler.Go), "", TestContext.Current.CancellationToken);
        var innocents = await fleet.EnqueueAsync(20, static () => new Bad(BadHow.UntilTold));
        var killer = await fleet.EnqueueAsync(1, static () => new Bad(BadHow.Kill));
        innocents.AddRange(await fleet.EnqueueAsync(20, static () => new Bad(BadHow.UntilTold)));
        while (await fleet.NumberAsync("SELECT count(*) FROM simmer.job") > 0)
        {
            using var worker = fleet.Spawn(static l => l with { Queues = ["bad"] });
            await fleet.UntilAsync("nothing happens", s_limit,
                async () => worker.ExitCode is not null || await fleet.NumberAsync("SELECT count(*) FROM simmer.job") == 0);
            if (worker.ExitCode is null)
            {
                await worker.StopAsync();
            }
        }

        // Bad jobs have one attempt.
        fleet.Workers.Count(static w => w.ExitCode != 0).ShouldBe(BitOperations.Log2(BadHandler.Slots) + 1 + 1);
        (await fleet.RowsAsync("SELECT id, reason FROM simmer.history WHERE state = 6"))
            .ShouldBe([$"{killer[0]} its workers kept being lost while it ran"]);
        (await fleet.NumberAsync("SELECT count(*) FROM simmer.history WHERE state = 5 AND run - forgiven = 1"))
            .ShouldBe(innocents.Count, "innocent jobs that lost nothing");
        await fleet.EndAsync("a killer", killer);
    }

    [Fact]
    public async Task The_jobs_of_a_killed_worker_run_elsewhere_soon_after_its_lease_and_not_before()
    {
        await using var fleet = await Fleet.StartAsync();
        var ids = await fleet.EnqueueAsync(BadHandler.Slots, static () => new Bad(BadHow.WorkLong, 600_000));

        // This process leaves first: its own lease is short, and it might judge the workers by it.
        await fleet.LeaveAsync();
        var killed = await fleet.SpawnReadyAsync(options: ("Lease", Lease));
        await fleet.SaidAsync("what = 'started'", ids.Count, s_limit);
        var rescuer = await fleet.SpawnReadyAsync(options: ("Lease", Lease));

        await killed.KillAsync();
        var since = TimeProvider.System.GetTimestamp();
        await fleet.SaidAsync("run = 2 AND what = 'started'", ids.Count, s_limit);
        var waited = TimeProvider.System.GetElapsedTime(since);
        Console.WriteLine($"The jobs of a killed worker ran elsewhere after {waited.TotalSeconds:0.0} s, with a lease of {Lease}");

        // A beat may have been sent just before the kill, or nearly a third of the lease ago.
        waited.ShouldBeGreaterThan(TimeSpan.FromSeconds(9));
        await fleet.FinishAsync(s_limit, rescuer);
        await fleet.EndAsync("one kill at the default lease");
    }

    private static WorkerLife With(WorkerLife life) => life with { Concurrency = Slots, Queues = ["default"] };
}
