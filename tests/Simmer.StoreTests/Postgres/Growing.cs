using Npgsql;

namespace Simmer.StoreTests.Postgres;

/// <summary>Statements that were first planned for an empty table meet a large one.</summary>
[Trait("Rule", "22")]
public sealed class Growing : PostgresTest
{
    private const int Rows = 200_000;
    private const int Claims = 40;

    [Fact]
    public async Task Claims_and_ends_read_as_much_of_a_table_of_200_000_rows_as_of_an_empty_one()
    {
        var store = await OpenAsync(connectionString: new NpgsqlConnectionStringBuilder(ConnectionString) { ApplicationName = Schema }.ConnectionString);
        var worker = await RegisterAsync(store);
        await WorkAsync(worker, 5);
        var connection = await ConnectAsync();

        // As other processes would, and before anybody has counted them.
        await worker.EnqueueAsync(Some.Draft(queue: "template"));
        _ = await ExecuteAsync(connection, $"""
            INSERT INTO job(id, queue, kind, rank, max_attempts, enqueued_at, ready_at, state, payload)
            SELECT gen_random_uuid(), (SELECT id FROM queue WHERE name = '{Some.Queue}'), (SELECT id FROM kind WHERE name = '{Some.Kind}'), -1, 3, 1, 1, 3, convert_to(repeat('x', 100), 'UTF8') FROM generate_series(1, {Rows})
            """);
        await WorkAsync(worker, Claims);
        await store.DisposeAsync();

        // The counts of a session are certain to be there when it has ended.
        while ((long)(await ExecuteAsync(connection, "SELECT count(*) FROM pg_stat_activity WHERE application_name = current_schema()"))! > 0)
        {
            await Task.Delay(5, Token);
        }

        var read = (long)(await ExecuteAsync(connection, "SELECT seq_tup_read FROM pg_stat_user_tables WHERE schemaname = current_schema() AND relname = 'job'"))!;
        var walked = (long)(await ExecuteAsync(connection, "SELECT idx_tup_read FROM pg_stat_user_indexes WHERE schemaname = current_schema() AND indexrelname = 'job_ready'"))!;
        read.ShouldBeLessThan(Rows / 10, "a single scan of the table would be more");
        walked.ShouldBeInRange(Claims * 10, Claims * 10 * 20);
    }

    private static async Task WorkAsync(TestWorker worker, int times)
    {
        for (var i = 0; i < times; i++)
        {
            await worker.EnqueueAllAsync([.. Enumerable.Range(0, 10).Select(static _ => Some.Draft())]);
            var claims = await worker.ClaimAsync(10);
            claims.Count.ShouldBe(10);
            (await worker.FlushAsync(settlements: [.. claims.Select(static c => Some.Settlement(c.Token, keepFor: TimeSpan.Zero))])).Settlements.ShouldAllBe(static s => s.Settled);
        }
    }
}
