using Npgsql;
using Simmer.StoreTests.Damage;

namespace Simmer.StoreTests.Postgres;

/// <summary>Rows of workers that hold what no worker writes.</summary>
public sealed class DamagedWorkers : PostgresTest
{
    [Fact]
    public async Task A_lease_that_no_worker_can_have_counts_as_none()
    {
        var damaged = await DamagedAsync();
        foreach (var lease in DamagedWorker.Leases)
        {
            await damaged.WithLeaseAsync(lease);
        }
    }

    [Theory]
    [InlineData("9223372036854775807")]
    [InlineData("-9223372036854775808")]
    [InlineData("0")]
    public async Task A_worker_whose_last_beat_is_where_no_clock_has_been_is_dead_after_its_lease(string at) =>
        await (await DamagedAsync()).WithBeatAtAsync(at);

    [Fact]
    public async Task A_beat_of_a_clock_that_was_an_hour_ahead_kills_nobody() =>
        await (await DamagedAsync()).WithBeatOfAClockThatWasAheadAsync();

    [Fact]
    public async Task Slots_that_no_worker_can_have_harm_no_innocent_job_and_let_no_killer_go_on_for_ever()
    {
        var damaged = await DamagedAsync();
        foreach (var slots in DamagedWorker.NoSlots)
        {
            await damaged.WithSlotsAsync(slots);
        }
    }

    [Fact]
    public async Task A_job_that_kills_workers_whose_rows_are_deleted_pays_in_the_end() => await (await DamagedAsync()).WithoutARowAsync();

    private async Task<DamagedWorker> DamagedAsync()
    {
        var store = await OpenAsync();
        var connection = await ConnectAsync();
        return new DamagedWorker(store, text => ExecuteTrulyAsync(connection, text), "");
    }

    private static async Task<bool> ExecuteTrulyAsync(NpgsqlConnection connection, string text)
    {
        _ = await ExecuteAsync(connection, text);
        return true;
    }
}
