using Npgsql;

namespace Simmer.FleetTests.Chaos;

/// <summary>An application uses up the pool of connections that it shares with the store.</summary>
public class Starving
{
    private const int Pool = 10;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(90);

    [Fact]
    [Trait("Rule", "7")]
    public async Task A_pool_that_the_application_has_used_up_stops_neither_jobs_nor_heartbeat_and_was_warned_of()
    {
        await using var fleet = await Fleet.StartAsync();
        var greedy = await fleet.SpawnReadyAsync(shape: p => p with
        {
            Database = new NpgsqlConnectionStringBuilder(p.Database) { MaxPoolSize = Pool, Timeout = 5 }.ConnectionString,
            Shared = true,
            Greedy = true,
        });
        await fleet.UntilAsync("it is not greedy", s_limit, () => Task.FromResult(greedy.Lines("greedy got none").Count > 0));
        var beats = await BeatsAsync(fleet);

        await fleet.EnqueueLoadAsync(400);
        await fleet.SaidAsync("kind = 'count' AND what = 'done'", 400, s_limit);
        await fleet.UntilAsync("its heart stands still", s_limit, async () => await BeatsAsync(fleet) >= beats + 4);

        greedy.Lines("The pool of the NpgsqlDataSource").ShouldHaveSingleItem().ShouldContain($"has {Pool} connections");
        (await fleet.NumberAsync("SELECT count(*) FROM charge")).ShouldBe(0, "handlers got no connection");
        await fleet.FinishAsync(s_limit, greedy);
        await fleet.EndAsync("a greedy application");
    }

    /// <summary>Of the greedy worker, which is the newest.</summary>
    private static Task<long> BeatsAsync(Fleet fleet) => fleet.NumberAsync("SELECT beats FROM simmer.worker ORDER BY id DESC LIMIT 1");
}
