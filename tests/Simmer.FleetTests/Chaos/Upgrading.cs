using Simmer.CrashTests;
using Simmer.FleetTests.Worker;

namespace Simmer.FleetTests.Chaos;

/// <summary>Two versions of the application at once, as in every rolling deploy. This process is a web process of version 2.</summary>
public class Upgrading
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_renamed_property_is_read_by_either_version_and_a_kind_that_the_older_does_not_know_waits_for_the_newer()
    {
        await using var fleet = await Fleet.StartAsync();
        var first = await fleet.SpawnReadyAsync(static l => l with { Queues = ["default"] });
        _ = await fleet.EnqueueAsync(1, static () => new GreetByFullName("Ann"));
        var gift = await fleet.EnqueueAsync(1, static () => new Gift("a book"));
        _ = await fleet.EnqueueAsync(1, static () => new GreetByFullName(Versions.PassItOn));

        await fleet.UntilAsync("what version 2 stored is not read", s_limit, () => Task.FromResult(first.Lines("version 1 greets").Count == 2));
        first.Lines("version 1 greets Ann").ShouldHaveSingleItem();
        await WaitsForTheNewerAsync(fleet, first, "gift", gift[0]);

        var second = await fleet.SpawnReadyAsync(shape: static p => p with { Version = 2 });
        await fleet.DrainedAsync(s_limit);
        second.Lines("version 2 gives a book").ShouldHaveSingleItem();
        second.Lines("version 2 greets a friend of version 1").ShouldHaveSingleItem();
        await first.StopAsync();
        await second.StopAsync();
        await fleet.EndAsync("two versions");
    }

    [Fact]
    public async Task A_renamed_property_with_an_upcaster_is_a_kind_of_its_own_and_what_the_older_version_stored_becomes_it()
    {
        await using var fleet = await Fleet.StartAsync();
        var first = await fleet.SpawnReadyAsync(static l => l with { Queues = ["default"] });
        _ = await fleet.EnqueueAsync(1, static () => new Meet("Ann"));
        var newer = await fleet.EnqueueAsync(1, static () => new MeetByFullName("Bea"));
        _ = await fleet.EnqueueAsync(1, static () => new Meet(Versions.PassItOn));

        await fleet.UntilAsync("version 1 does not run what it knows", s_limit, () => Task.FromResult(first.Lines("version 1 meets").Count == 2));
        first.Lines("version 1 meets Ann").ShouldHaveSingleItem();
        await WaitsForTheNewerAsync(fleet, first, "meet.v2", newer[0]);

        var second = await fleet.SpawnReadyAsync(shape: static p => p with { Version = 2 });
        await fleet.DrainedAsync(s_limit);
        second.Lines("version 2 meets Bea").ShouldHaveSingleItem();
        second.Lines("version 2 meets a friend of version 1").ShouldHaveSingleItem();
        await first.StopAsync();
        await second.StopAsync();
        await fleet.EndAsync("two versions and an upcaster");
    }

    private static async Task WaitsForTheNewerAsync(Fleet fleet, WorkerProcess older, string kind, JobId job)
    {
        await fleet.UntilAsync("it does not say so", s_limit, () => Task.FromResult(older.Lines("no handler here knows them").Count > 0));
        older.Lines("no handler here knows them").ShouldHaveSingleItem().ShouldContain($"kind {kind} wait");
        (await fleet.NumberAsync($"SELECT count(*) FROM simmer.job WHERE id = '{job}' AND state = 3 AND run = 0")).ShouldBe(1, "it waits, untouched");
    }
}
