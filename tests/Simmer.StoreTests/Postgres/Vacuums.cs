using Npgsql;
using Simmer.Storage;

namespace Simmer.StoreTests.Postgres;

/// <summary>The store vacuums its tables on a connection of its own, so that nothing else waits for it.</summary>
public sealed class Vacuums : PostgresTest
{
    private const int Jobs = 10_000;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task While_a_vacuum_takes_long_reads_flushes_upkeep_and_beats_go_on_and_closing_the_store_ends_it()
    {
        // At each page it rests for as long as the server allows.
        var slow = new NpgsqlConnectionStringBuilder(ConnectionString) { ApplicationName = $"slow {Schema}",
            Options = "-c vacuum_cost_delay=100 -c vacuum_cost_limit=1" };
        var store = await OpenAsync(connectionString: slow.ConnectionString);
        var worker = await RegisterAsync(store);
        await worker.EnqueueAllAsync([.. Enumerable.Range(0, Jobs).Select(static _ => Some.Draft())]);
        var claims = await worker.ClaimAsync(Jobs);
        await worker.FlushAsync(settlements: [.. claims.Select(static c => Some.Settlement(c.Token, keepFor: TimeSpan.Zero))]);
        var watcher = await ConnectAsync();
        await BecomesAsync(watcher, 1);

        var job = Some.Draft();
        (await worker.EnqueueAsync(job)).Status.ShouldBe(EnqueueStatus.Stored);
        (await store.Browser.GetAsync([job.Id], Token).AsTask().WaitAsync(s_patience, Token))[0]!.State.ShouldBe(JobState.Ready);
        (await store.ClaimsOfAsync(worker.Id, Token).AsTask().WaitAsync(s_patience, Token)).IsEmpty.ShouldBeTrue();
        (await store.PromoteDueAsync(10, Now, Token).AsTask().WaitAsync(s_patience, Token)).ShouldNotBeNull();
        (await store.BeatAsync(new BeatRequest(worker.Id, []), Now, Token).AsTask().WaitAsync(s_patience, Token)).Alive.ShouldBeTrue();
        (await VacuumsAsync(watcher)).ShouldBe(1, "all of that was while it ran");

        await store.DisposeAsync().AsTask().WaitAsync(s_patience, Token);
        await BecomesAsync(watcher, 0);
    }

    private async Task BecomesAsync(NpgsqlConnection watcher, long vacuums)
    {
        var since = TimeProvider.System.GetTimestamp();
        while (await VacuumsAsync(watcher) != vacuums)
        {
            TimeProvider.System.GetElapsedTime(since).ShouldBeLessThan(s_patience, $"{vacuums} vacuums run");
            await Task.Delay(2, Token);
        }
    }

    private async Task<long> VacuumsAsync(NpgsqlConnection watcher) =>
        (long)(await ExecuteAsync(watcher,
            $"SELECT count(*) FROM pg_stat_activity WHERE application_name = 'slow {Schema}' AND state = 'active' AND query LIKE "
            + "'VACUUM%'"))!;
}
