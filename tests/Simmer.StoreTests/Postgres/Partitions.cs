using System.Globalization;
using Npgsql;
using Simmer.Storage;
using Simmer.Tests.Engine;

namespace Simmer.StoreTests.Postgres;

/// <summary>The history is made of days, which are made ahead and dropped whole.</summary>
public sealed class Partitions : PostgresTest
{
    [Fact]
    [Trait("Rule", "30")]
    public async Task Days_are_made_ahead_by_the_servers_clock_once_for_all_processes()
    {
        var connection = await ConnectAsync();
        _ = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => OpenAsync(static o => o.PartitionDays = 4).AsTask()));

        var days = await DaysAsync(connection);

        days.ShouldBe(await ExecuteAsync(connection,
            "SELECT string_agg('history_' || to_char(now() AT TIME ZONE 'UTC' + make_interval(days => d), 'YYYYMMDD'), ' ' ORDER BY d) "
            + "FROM generate_series(0, 4) d"));
    }

    [Fact]
    [Trait("Rule", "30")]
    public async Task A_day_that_is_over_is_dropped_with_its_errors_and_a_reader_delays_that_and_no_settlement()
    {
        var store = await OpenAsync();
        var worker = await RegisterAsync(store);
        var connection = await ConnectAsync();
        var now = TimeProvider.System.GetUtcNow();
        await MakePastDayAsync(connection, worker);
        var reader = await ConnectAsync();
        await using (await reader.BeginTransactionAsync(Token))
        {
            _ = await ExecuteAsync(reader, "SELECT count(*) FROM history");

            var claim = await worker.StartAsync(Some.Draft());
            var prunes = store.PruneAsync(100, now, Token).AsTask();
            var tries = 0;
            while (!(await worker.SettleAsync(claim, JobState.Succeeded)).Settled)
            {
                // The insert may run into the short wait of the drop behind the reader.
                (++tries).ShouldBeLessThan(20);
            }

            _ = await prunes;
            (await DaysAsync(connection)).ShouldContain("history_20200101");
        }

        (await store.PruneAsync(100, now, Token)).Deleted.ShouldBeGreaterThanOrEqualTo(0);

        (await DaysAsync(connection)).ShouldNotContain("history_20200101");
        (await ExecuteAsync(connection, "SELECT count(*) FROM error")).ShouldBe(0L);
        (await ExecuteAsync(connection, "SELECT count(*) FROM history")).ShouldBe(1L);
    }

    [Fact]
    [Trait("Rule", "31")]
    public async Task A_role_that_does_not_own_the_tables_says_so_at_the_start_and_works_all_the_same()
    {
        _ = await OpenAsync();
        var owner = await ConnectAsync();
        var role = $"guest_{Guid.NewGuid():N}";
        _ = await ExecuteAsync(owner, $"""
            CREATE ROLE {role} LOGIN PASSWORD 'guest';
            GRANT USAGE ON SCHEMA "{Schema}" TO {role};
            GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "{Schema}" TO {role};
            """);
        var log = new LogLines();
        try
        {
            await using var store = await OpenAsync(static o => o.Migrate = false, log.CreateLogger("store"),
                new NpgsqlConnectionStringBuilder(ConnectionString) { Username = role, Password = "guest" }.ConnectionString);
            var worker = await RegisterAsync(store);

            var claim = await worker.StartAsync(Some.Draft(queue: "guests"));
            (await worker.SettleAsync(claim, JobState.Succeeded)).Settled.ShouldBeTrue();
            _ = await store.PruneAsync(10, Now, Token);
        }
        finally
        {
            _ = await ExecuteAsync(owner, $"DROP OWNED BY {role}; DROP ROLE {role}");
        }

        log.Lines.Single(static l => l.EventId == 3013).Text.ShouldContain("cannot vacuum them or make partitions");
    }

    [Fact]
    public async Task A_partition_that_the_database_refuses_to_drop_is_told_of_once_and_one_that_is_only_in_use_is_not()
    {
        var log = new LogLines();
        var store = await OpenAsync(logger: log.CreateLogger("store"));
        var worker = await RegisterAsync(store);
        var connection = await ConnectAsync();
        var now = TimeProvider.System.GetUtcNow();
        await MakePastDayAsync(connection, worker);
        var reader = await ConnectAsync();
        await using (await reader.BeginTransactionAsync(Token))
        {
            _ = await ExecuteAsync(reader, "SELECT count(*) FROM history");
            _ = await store.PruneAsync(10, now, Token);
        }

        log.Lines.ShouldContain(static l => l.EventId == 3012);
        log.Lines.ShouldNotContain(static l => l.EventId == 3024);
        _ = await ExecuteAsync(connection, "CREATE VIEW mine AS SELECT * FROM history_20200101");
        for (var i = 0; i < 3; i++)
        {
            _ = await store.PruneAsync(10, now, Token);
        }

        log.Lines.Single(static l => l.EventId == 3024).ShouldSatisfyAllConditions(
            static l => l.Level.ShouldBe(Microsoft.Extensions.Logging.LogLevel.Warning), static l =>
                l.Text.ShouldContain("history_20200101"), static l => l.Text.ShouldContain("2BP01"));
        _ = await ExecuteAsync(connection, "DROP VIEW mine");
        _ = await store.PruneAsync(10, now, Token);
        (await DaysAsync(connection)).ShouldNotContain("history_20200101");
    }

    private static async Task<string> DaysAsync(NpgsqlConnection connection) => (string)(await ExecuteAsync(connection,
        "SELECT string_agg(c.relname, ' ' ORDER BY c.relname) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent "
            + "= 'history'::regclass AND c.relname ~ '^history_[0-9]+$'"))!;

    /// <summary>The first day of 2020, with a job that had failed once.</summary>
    private static async Task MakePastDayAsync(NpgsqlConnection connection, TestWorker worker)
    {
        var claim = await worker.StartAsync(Some.Draft());
        _ = await worker.SettleAsync(Some.Settlement(claim.Token, JobState.Failed, error: Some.Error()));
        var noon = DbTime.Of(new DateTimeOffset(2020, 1, 1, 12, 0, 0, TimeSpan.Zero));
        var (from, to) = (noon - TimeSpan.FromHours(12).Ticks, noon + TimeSpan.FromHours(12).Ticks);
        _ = await ExecuteAsync(connection, string.Create(CultureInfo.InvariantCulture, $"""
            CREATE TABLE history_20200101 PARTITION OF history FOR VALUES FROM ({from}) TO ({to});
            UPDATE history SET keep_until = {noon};
            """));
        (await ExecuteAsync(connection, "SELECT count(*) FROM error")).ShouldBe(1L);
    }
}
