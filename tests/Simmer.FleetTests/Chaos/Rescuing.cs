using Simmer.CrashTests.Worker;

namespace Simmer.FleetTests.Chaos;

/// <summary>How long the jobs of a killed worker wait, at the default lease.</summary>
public class Rescuing
{
    private const string Lease = "00:00:15";

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task The_jobs_of_a_killed_worker_run_elsewhere_soon_after_its_lease_and_not_before()
    {
        await using var fleet = await Fleet.StartAsync();
        var ids = await fleet.EnqueueAsync(BadHandler.Slots, static () => new Bad(BadHow.WorkLong, 600_000));

        // Its lease is a short one, and it would judge others by it.
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
}
