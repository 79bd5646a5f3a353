using Simmer.DiskTests.Support;

namespace Simmer.FleetTests.Chaos;

/// <summary>The disk of the database gets full, under load, and has room again.</summary>
public class Filling
{
    private const int Megabytes = 48;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(90);

    [Fact]
    [Trait("Rule", "17")]
    public async Task A_full_disk_refuses_enqueues_and_loses_nothing_that_was_done()
    {
        using var disk = new SmallDisk(Megabytes);
        await using var fleet = await Fleet.StartAsync(disk.Folder);
        await fleet.EnqueueLoadAsync(400);
        var workers = await fleet.SpawnReadyAsync(2, static l => l with { Callers = 4 });
        await fleet.WorksAsync(s_limit);

        disk.Fill();
        await fleet.UntilAsync("nobody notices", s_limit,
            () => Task.FromResult(workers.All(static w => w.Lines("enqueue refused").Count > 0 && w.Lines("53100").Count > 0)));
        disk.Free();

        await fleet.WorksAsync(s_limit);
        await fleet.FinishAsync(s_limit, workers);
        await fleet.EndAsync("a full disk");
    }
}
