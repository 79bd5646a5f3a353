using Simmer.CrashTests.Worker;

namespace Simmer.CrashTests;

/// <summary>SIGSTOP for longer than the lease, then SIGCONT: a process that was away and does not know it.</summary>
[Trait("Rule", "2")]
[Trait("Rule", "4")]
public class Freezing
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_frozen_worker_loses_its_jobs_once_is_refused_and_works_again()
    {
        await using var fleet = new Fleet();
        var deaf = await fleet.EnqueueAsync(2, static () => new Bad(BadHow.IgnoreToken, 4_000));
        var obedient = await fleet.EnqueueAsync(2, static () => new Bad(BadHow.WorkLong, 600_000));
        var frozen = await fleet.SpawnReadyAsync();
        await fleet.UntilAsync("they do not start", s_limit, () => Effects(fleet, "what = 'started'") == BadHandler.Slots);

        frozen.Freeze();
        var other = await fleet.SpawnReadyAsync();
        await fleet.DrainedAsync(s_limit);
        frozen.Thaw();

        await fleet.UntilAsync("it does not notice", s_limit,
            () => Effects(fleet, "life = 1 AND what IN ('stopped', 'done')") == BadHandler.Slots);
        await fleet.UntilAsync("it is not refused", s_limit, () => Effects(fleet, "life = 1 AND what = 'refused'") >= deaf.Count);
        await other.StopAsync();
        await HasAllItsSlotsAsync(fleet);
        await frozen.StopAsync();

        Effects(fleet, "life = 1 AND what = 'stopped'").ShouldBe(obedient.Count, "handlers that obey were told to stop");
        frozen.Lines("has declared this worker dead").ShouldHaveSingleItem();
        Audit.Number(fleet.Jobs, $"SELECT count(*) FROM simmer_error WHERE type = '{ErrorTypes.LeaseLost}'")
            .ShouldBe(BadHandler.Slots, "each was rescued once");
        Audit.Rows(fleet.Jobs, "SELECT DISTINCT run, run - forgiven, count(*) FROM simmer_history WHERE errors > 0")
            .ShouldBe([$"2 1 {BadHandler.Slots}"]);
        await fleet.EndAsync("one frozen worker", new Expected { Excused = [frozen.Life.Life] });
    }

    // They end only when as many run at once as there are slots: none was lost.
    private static async Task HasAllItsSlotsAsync(Fleet fleet)
    {
        await fleet.EnqueueAsync(BadHandler.Slots, static () => new Bad(BadHow.Together));
        await fleet.DrainedAsync(s_limit);
    }

    private static long Effects(Fleet fleet, string which) => Audit.Number(fleet.Effects, $"SELECT count(*) FROM effect WHERE {which}");
}
