using Simmer.StoreTests.Damage;

namespace Simmer.StoreTests.Sqlite;

/// <summary>Rows of workers that hold what no worker writes, texts and fractions among it.</summary>
public sealed class DamagedWorkers : SqliteTest
{
    private static readonly string[] s_noNumbers = ["'urgent'", "0.5", "X'010203'"];

    [Fact]
    public async Task A_lease_that_no_worker_can_have_counts_as_none()
    {
        var damaged = await DamagedAsync();
        foreach (var lease in DamagedWorker.Leases.Concat(s_noNumbers))
        {
            await damaged.WithLeaseAsync(lease);
        }
    }

    [Theory]
    [InlineData("9223372036854775807")]
    [InlineData("-9223372036854775808")]
    [InlineData("0")]
    [InlineData("'urgent'")]
    public async Task A_worker_whose_last_beat_is_where_no_clock_has_been_is_dead_after_its_lease(string at) =>
        await (await DamagedAsync()).WithBeatAtAsync(at);

    [Fact]
    public async Task A_beat_of_a_clock_that_was_an_hour_ahead_kills_nobody() =>
        await (await DamagedAsync()).WithBeatOfAClockThatWasAheadAsync();

    [Fact]
    public async Task Slots_that_no_worker_can_have_harm_no_innocent_job_and_let_no_killer_go_on_for_ever()
    {
        var damaged = await DamagedAsync();
        foreach (var slots in DamagedWorker.NoSlots.Concat(s_noNumbers))
        {
            await damaged.WithSlotsAsync(slots);
        }
    }

    [Fact]
    public async Task A_job_that_kills_workers_whose_rows_are_deleted_pays_in_the_end() => await (await DamagedAsync()).WithoutARowAsync();

    private async Task<DamagedWorker> DamagedAsync()
    {
        var store = await OpenAsync();
        var connection = Connect();
        return new DamagedWorker(store, text =>
        {
            Execute(connection, text);
            return Task.FromResult(true);
        }, "simmer_");
    }
}
