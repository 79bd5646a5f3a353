using Simmer.CrashTests.Faults;
using Simmer.DiskTests.Support;
using Simmer.DiskTests.Worker;

namespace Simmer.DiskTests;

/// <summary>The disk fails at single calls, or is slow. A real process runs on it, through a library that causes the faults.</summary>
public sealed class SickDiskTests : Folder
{
    private string Gate => Path.Combine(Place, "sick");

    [Theory]
    [InlineData("write", "-wal", "eio")]
    [InlineData("sync", "-wal", "eio")]
    [InlineData("write", "-wal", "enospc")]
    [InlineData("write", "jobs.db", "eio")]
    public async Task A_disk_that_fails_for_a_while_loses_nothing_repeats_nothing_and_needs_no_restart(string call, string suffix,
        string action)
    {
        using var worker = await Neighbour
            .WorkAsync(Database, callers: 8, DiskFaults.Environment(Gate, new DiskFault(call, suffix, action)));
        await PassAsync(0.5);
        await File.WriteAllTextAsync(Gate, "", Token);
        // A commit whose outcome is unknown is sent again and again. A caller gets an error at the first try after 2 s, which with the
        // present back-off is before 5.2 s.
        await PassAsync(6);
        File.Delete(Gate);
        await PassAsync(1.5);

        var report = WorkerReport.Parse(await worker.EndAsync());

        report.Stored.ShouldBeGreaterThan(10, worker.ToString());
        (report.Lost, report.HalfDone, report.Repeated).ShouldBe((0, 0, 0), worker.ToString());
        report.Warnings.ShouldBeLessThan(60, worker.ToString());
        if (suffix == "-wal")
        {
            (report.Refused + report.Unknown).ShouldBeGreaterThan(0, $"it was felt: {worker}");
        }
    }

    [Fact]
    public async Task On_a_slow_disk_callers_share_its_syncs_and_nothing_is_out_of_order()
    {
        using var worker = await Neighbour
            .WorkAsync(Database, callers: 64, DiskFaults.Environment(null, new DiskFault("sync", "-wal", "slow", Microseconds: 2_000)));
        await PassAsync(3);

        var report = WorkerReport.Parse(await worker.EndAsync());

        // With one sync of 2 ms for each enqueue, three seconds would allow at most 1,500.
        report.Stored.ShouldBeGreaterThan(1_600, worker.ToString());
        (report.Refused, report.Unknown, report.Lost, report.Repeated, report.Warnings).ShouldBe((0, 0, 0, 0, 0), worker.ToString());
    }

    private static Task PassAsync(double seconds) => Task.Delay(TimeSpan.FromSeconds(seconds), Token);
}
