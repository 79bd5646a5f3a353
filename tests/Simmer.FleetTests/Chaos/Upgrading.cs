using Simmer.FleetTests.Worker;

namespace Simmer.FleetTests.Chaos;

/// <summary>Two versions of the application at once, as in every rolling deploy. This process is a web process of version 2.</summary>
public class Upgrading
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    [Fact]
    public Task A_renamed_property_is_read_by_either_version_and_a_kind_that_the_older_does_not_know_waits_for_the_newer() =>
        RunsOnBothAsync(
        static name => new GreetByFullName(name), "greets", new Gift("a book"), "gift", "version 2 gives a book", "two versions");

    [Fact]
    public Task A_renamed_property_with_an_upcaster_is_a_kind_of_its_own_and_what_the_older_version_stored_becomes_it() => RunsOnBothAsync(
        static name => new Meet(name), "meets", new MeetByFullName("Bea"), "meet.v2", "version 2 meets Bea",
            "two versions and an upcaster");

    /// <summary>A worker of version 1 runs what it knows and leaves what it does not; one of version 2 runs that, and what version 1 has
    /// stored.</summary>
    private static async Task RunsOnBothAsync(Func<string, IJob> known, string verb, IJob newer, string newerKind, string newerSays,
        string story)
    {
        await using var fleet = await Fleet.StartAsync();
        var first = await fleet.SpawnReadyAsync(static l => l with { Queues = ["default"] });
        _ = await fleet.EnqueueAsync(1, () => known("Ann"));
        var waiting = await fleet.EnqueueAsync(1, () => newer);
        _ = await fleet.EnqueueAsync(1, () => known(Versions.PassItOn));

        await fleet.UntilAsync("version 1 does not run what it knows", s_limit,
            () => Task.FromResult(first.Lines($"version 1 {verb}").Count == 2));
        first.Lines($"version 1 {verb} Ann").ShouldHaveSingleItem();
        await fleet.UntilAsync("it does not say so", s_limit, () => Task.FromResult(first.Lines("no handler here knows them").Count > 0));
        first.Lines("no handler here knows them").ShouldHaveSingleItem().ShouldContain($"kind {newerKind} wait");
        (await fleet.NumberAsync($"SELECT count(*) FROM simmer.job WHERE id = '{waiting[0]}' AND state = 3 AND run = 0"))
            .ShouldBe(1, "it waits, untouched");

        var second = await fleet.SpawnReadyAsync(shape: static p => p with { Version = 2 });
        await fleet.DrainedAsync(s_limit);
        second.Lines(newerSays).ShouldHaveSingleItem();
        second.Lines($"version 2 {verb} a friend of version 1").ShouldHaveSingleItem();
        await first.StopAsync();
        await second.StopAsync();
        await fleet.EndAsync(story);
    }
}
