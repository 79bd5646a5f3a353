using System.Diagnostics;
using Npgsql;
using Simmer.Postgres;
using Simmer.Storage;

namespace Simmer.StoreTests.Postgres;

/// <summary>Statements find their rows by the indices, whatever the server believes of the table.</summary>
[Trait("Rule", "22")]
public sealed class Planning : PostgresTest
{
    private const int Rows = 200_000;
    private const int DeadRows = 20_000;
    private const int Times = 40;
    private const int Each = 10;

    public enum End
    {
        NotKept,
        Kept,
        Failed,
    }

    [Fact]
    public async Task Claims_and_ends_read_as_much_of_a_table_of_200_000_rows_as_of_an_empty_one()
    {
        var store = await OpenAsync(connectionString: Named());
        var worker = await RegisterAsync(store);
        await WorkAsync(worker, 5, End.NotKept);
        var connection = await ConnectAsync();

        // As other processes would do it, and before the table has been analysed.
        await worker.EnqueueAsync(Some.Draft(queue: "template"));
        _ = await ExecuteAsync(connection, InsertSql(Rows));
        await WorkAsync(worker, Times, End.NotKept);
        await CloseAsync(store, connection);

        (await ScannedAsync(connection)).ShouldBeLessThan(Rows / 10, "a single scan of the table would be more");
        (await WalkedAsync(connection, "job_ready")).ShouldBeInRange(Times * Each, Times * Each * 20);
    }

    [Theory]
    [InlineData(End.NotKept)]
    [InlineData(End.Kept)]
    [InlineData(End.Failed)]
    public async Task Claims_and_ends_do_not_walk_over_dead_rows_of_a_table_that_was_empty_when_it_was_vacuumed(End end)
    {
        var store = await OpenAsync(connectionString: Named());
        var worker = await RegisterAsync(store);
        await WorkAsync(worker, 5, end);
        var connection = await ConnectAsync();

        // A snapshot keeps what is dead from being cleared away.
        await using var snapshot = await (await ConnectAsync()).BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, Token);
        _ = await ExecuteAsync(snapshot.Connection!, "SELECT count(*) FROM job");
        _ = await ExecuteAsync(connection, InsertSql(DeadRows));
        _ = await ExecuteAsync(connection, "DELETE FROM job");
        _ = await ExecuteAsync(connection, "VACUUM (TRUNCATE false) job");
        (await ExecuteAsync(connection, "SELECT reltuples FROM pg_class WHERE oid = 'job'::regclass"))
            .ShouldBe(0f, "the server believes that it is empty");
        await WorkAsync(worker, Times, end);
        await CloseAsync(store, connection);

        (await WalkedAsync(connection, "job_pkey")).ShouldBeInRange(Times * Each, DeadRows, "one walk over the whole index would be more");
    }

    [Fact]
    public async Task Starts_without_a_claim_do_not_walk_again_and_again_over_what_was_claimed_under_an_old_snapshot()
    {
        var store = await OpenAsync(connectionString: Named());
        var worker = await RegisterAsync(store);
        var connection = await ConnectAsync();
        await using var snapshot = await (await ConnectAsync()).BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, Token);
        _ = await ExecuteAsync(snapshot.Connection!, "SELECT count(*) FROM job");
        for (var i = 0; i < 20; i++)
        {
            await worker.EnqueueAllAsync([.. Enumerable.Range(0, 200).Select(static _ => Some.Draft())]);
            (await worker
                .FlushAsync(settlements: [.. (await worker.ClaimAsync(200))
                .Select(static c => Settlement(c.Token, End.NotKept))])).Settlements.Count.ShouldBe(200);
        }

        // Longer than a mark is believed without a walk.
        var starts = 0;
        for (var since = Stopwatch.StartNew(); since.Elapsed < TimeSpan.FromSeconds(3); starts++)
        {
            var job = Some.Draft();
            (await worker.DispatchAsync(job)).Status.ShouldBe(EnqueueStatus.Dispatched);
            (await worker.SettleAsync(Settlement(new LeaseToken(job.Id, 1), End.NotKept))).Settled.ShouldBeTrue();
        }

        await CloseAsync(store, connection);

        starts.ShouldBeGreaterThan(100);
        (await WalkedAsync(connection, "job_ready")).ShouldBeLessThan(starts * 4_000 / 4, "each start walked over the 4,000");
    }

    // The counts of a session are certain to be there when it has ended.
    private async Task CloseAsync(PostgresJobStore store, NpgsqlConnection connection)
    {
        await store.DisposeAsync();
        while ((long)(await ExecuteAsync(connection,
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = current_schema()"))! > 0)
        {
            await Task.Delay(5, Token);
        }
    }

    private string Named() => new NpgsqlConnectionStringBuilder(ConnectionString) { ApplicationName = Schema }.ConnectionString;

    private static string InsertSql(int rows) => $"""
        INSERT INTO job(id, queue, kind, rank, max_attempts, enqueued_at, ready_at, state, payload)
        SELECT gen_random_uuid(), (SELECT id FROM queue WHERE name = '{Some.Queue}'), (SELECT id FROM kind
            WHERE name = '{Some.Kind}'), -1, 3, 1, 1, 3, convert_to(repeat('x', 100), 'UTF8') FROM generate_series(1, {rows})
        """;

    private static async Task<long> ScannedAsync(NpgsqlConnection connection) =>
        (long)(await ExecuteAsync(connection,
            "SELECT seq_tup_read FROM pg_stat_user_tables WHERE schemaname = current_schema() AND relname = 'job'"))!;

    private static async Task<long> WalkedAsync(NpgsqlConnection connection, string index) =>
        (long)(await ExecuteAsync(connection,
            $"SELECT idx_tup_read FROM pg_stat_user_indexes WHERE schemaname = current_schema() AND indexrelname = '{index}'"))!;

    private static async Task WorkAsync(TestWorker worker, int times, End end)
    {
        for (var i = 0; i < times; i++)
        {
            await worker.EnqueueAllAsync([.. Enumerable.Range(0, Each).Select(static _ => Some.Draft())]);
            var claims = await worker.ClaimAsync(Each);
            claims.Count.ShouldBe(Each);
            (await worker.FlushAsync(settlements: [.. claims.Select(c => Settlement(c.Token, end))])).Settlements
                .ShouldAllBe(static s => s.Settled);
        }
    }

    private static Settlement Settlement(LeaseToken token, End end) => end == End.Failed
        ? Some.Settlement(token, JobState.Failed, error: Some.Error())
        : Some.Settlement(token, keepFor: end == End.Kept ? Some.Day : TimeSpan.Zero);
}
