using Simmer.CrashTests.Faults;
using Simmer.CrashTests.Worker;

namespace Simmer.CrashTests;

/// <summary>What killed processes leave behind, and that others find it.</summary>
public class Recovering
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    /// <summary>One that is under way when the faults begin.</summary>
    private static readonly TimeSpan s_checkpointEnds = TimeSpan.FromMilliseconds(300);

    [Fact]
    public async Task A_WAL_that_a_killed_process_left_is_read_at_the_next_start()
    {
        DiskFaults.Need();
        await using var fleet = new Fleet();

        // From now on its checkpoints fail, so that what it stores stays in the WAL.
        var killed = await fleet
            .SpawnReadyAsync(static l => l with { Callers = 4 },
            static l => DiskFaults.Environment(l.FaultGate, new DiskFault("write", "jobs.db", "eio")));
        await File.WriteAllBytesAsync(killed.Life.FaultGate, [], TestContext.Current.CancellationToken);
        await Task.Delay(s_checkpointEnds, TestContext.Current.CancellationToken);
        var file = Path.Combine(fleet.Folder, "jobs.db");
        var written = File.GetLastWriteTimeUtc(file);
        var before = AckFile.ReadAll(fleet.Folder).Count;
        await fleet.UntilAsync("nothing is acknowledged", s_limit, () => AckFile.ReadAll(fleet.Folder).Count > before + 200);
        await killed.KillAsync();
        File.GetLastWriteTimeUtc(file).ShouldBe(written, "the database file knows nothing of them");
        new FileInfo(file + "-wal").Length.ShouldBeGreaterThan(0);

        var next = await fleet.SpawnReadyAsync();
        await fleet.DrainedAsync(s_limit);
        await next.StopAsync();
        await fleet.EndAsync("one kill");
    }

    [Theory]
    [InlineData(KillWhen.Before, 2)]
    [InlineData(KillWhen.After, 1)]
    public async Task A_job_that_its_handler_completes_in_its_own_transaction_has_its_effect_once_and_runs_again_only_without_a_commit(
        KillWhen when, int runs)
    {
        await using var fleet = new Fleet();
        await fleet.EnqueueAsync(1, static () => new Exact());
        await fleet.LeaveAsync();
        var dies = fleet.Spawn(life => life with { Kill = new KillPoint("complete", when, 1) });
        await dies.Exited.WaitAsync(s_limit, TestContext.Current.CancellationToken);
        dies.ExitCode.ShouldBe(WorkerProcess.Killed);

        var next = await fleet.SpawnReadyAsync();
        await fleet.DrainedAsync(s_limit);
        await next.StopAsync();

        Audit.Number(fleet.Jobs, "SELECT count(*) FROM exact").ShouldBe(1);
        Audit.Number(fleet.Effects, "SELECT count(*) FROM effect WHERE what = 'started'").ShouldBe(runs);
        await fleet.EndAsync($"killed {when} the commit");
    }

    [Fact]
    [Trait("Rule", "6")]
    public async Task Jobs_of_a_worker_whose_rescuer_was_killed_in_the_middle_are_rescued_by_the_next()
    {
        DiskFaults.Need();
        await using var fleet = new Fleet();
        await fleet.EnqueueAsync(BadHandler.Slots, static () => new Bad(BadHow.WorkLong, 600_000));
        await fleet.LeaveAsync();
        var dead = await fleet.SpawnReadyAsync();
        await fleet.UntilAsync("they do not start", s_limit,
            () => Audit.Number(fleet.Effects, "SELECT count(*) FROM effect WHERE what = 'started'") == BadHandler.Slots);
        var survivor = await fleet.SpawnReadyAsync();
        await LookedForOrphansAsync(fleet);

        // The second rescue is the first that finds a dead worker. The process dies between the commit that declares it dead and the one
        // that takes its jobs back.
        var rescuer = await fleet.SpawnReadyAsync(
            static l => l with { Queues = ["light"], Kill = new KillPoint("rescue", KillWhen.During, 2) },
            static l => DiskFaults.Environment(l.FaultGate, DiskFault.At("sync", "-wal", "kill-before", 2)));
        await LookedForOrphansAsync(fleet);
        await dead.KillAsync();

        // Otherwise the second rescuer would be first. It starts after the next beat, because it must not be declared dead before the other
        // one.
        await Task.Delay(WorkerLife.Lease / 2, TestContext.Current.CancellationToken);
        survivor.Freeze();
        await rescuer.Exited.WaitAsync(s_limit, TestContext.Current.CancellationToken);
        survivor.Thaw();
        rescuer.ExitCode.ShouldBe(WorkerProcess.Killed);

        await fleet.DrainedAsync(s_limit);
        await survivor.StopAsync();
        await fleet.EndAsync("two kills", new Expected { Excused = [survivor.Life.Life] });
    }

    /// <summary>Waits until the newest worker has looked for orphans, as every worker does at its start, and its upkeep lease for that is
    /// over.</summary>
    private static Task LookedForOrphansAsync(Fleet fleet) => fleet.UntilAsync("it does not look for orphans", s_limit,
        () => Audit.Number(fleet.Jobs,
        "SELECT count(*) FROM simmer_upkeep_lease WHERE name = 'rescue' AND worker = (SELECT max(id) FROM simmer_worker) AND until < "
            + "(julianday('now') - 2440587.5) * 864000000000") == 1);
}
