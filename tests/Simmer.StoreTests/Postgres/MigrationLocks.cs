using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Simmer.Postgres;
using Simmer.Storage;

namespace Simmer.StoreTests.Postgres;

/// <summary>Another session holds a lock on a table that a migration has to change.</summary>
public sealed class MigrationLocks : PostgresTest
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private static readonly Migration s_more = Migration.Parse(
        "9001_more", "-- breaking: no\nALTER TABLE simmer.signal ADD COLUMN more int;\nALTER TABLE simmer.job ADD COLUMN more int;\n");

    [Theory]
    [InlineData("SELECT count(*) FROM job")]
    [InlineData("LOCK TABLE job IN ROW EXCLUSIVE MODE")]
    [InlineData("SELECT count(*) FROM signal")]
    public async Task A_migration_waits_in_short_tries_lets_all_others_pass_and_goes_through_when_the_lock_is_released(string held)
    {
        var store = await OpenAsync();
        var (holder, watcher) = (await ConnectAsync(), await ConnectAsync());
        var transaction = await holder.BeginTransactionAsync(Token);
        _ = await ExecuteAsync(holder, held);
        var own = await ConnectAsync();
        var migration = NewMigrator(50).BringUpAsync(own, migrate: true, s_patience);

        // The two waits are separate: the migration has released the lock in between.
        for (var i = 0; i < 2; i++)
        {
            await WaitsAsync(watcher, own, waits: true);
            _ = await ExecuteAsync(watcher, $"SET lock_timeout = {(int)s_patience.TotalMilliseconds}; SELECT count(*) FROM job");
            (await store.Browser.GetAsync([Some.Id()], Token).AsTask().WaitAsync(s_patience, Token)).Count.ShouldBe(1);
            await WaitsAsync(watcher, own, waits: false);
        }

        migration.IsCompleted.ShouldBeFalse();
        await transaction.CommitAsync(Token);

        (await migration.WaitAsync(s_patience, Token)).ShouldBe(s_more.Version);
        (await ExecuteAsync(watcher,
            "SELECT count(*) FROM information_schema.columns WHERE table_schema = current_schema() AND column_name = 'more'")).ShouldBe(2L);
    }

    [Fact]
    public async Task A_role_whose_statements_wait_only_briefly_waits_in_tries_for_another_process_that_migrates()
    {
        _ = await OpenAsync();
        var (other, watcher, own) = (await ConnectAsync(), await ConnectAsync(), await ConnectAsync());
        _ = await ExecuteAsync(other, $"SELECT pg_advisory_lock(hashtextextended('simmer.schema/{Schema}', 0))");
        _ = await ExecuteAsync(own, "SET lock_timeout = 100");
        var migration = NewMigrator(50).BringUpAsync(own, migrate: true, s_patience);
        for (var i = 0; i < 2; i++)
        {
            await WaitsAsync(watcher, own, waits: true);
            await WaitsAsync(watcher, own, waits: false);
        }

        _ = await ExecuteAsync(other, $"SELECT pg_advisory_unlock(hashtextextended('simmer.schema/{Schema}', 0))");

        (await migration.WaitAsync(s_patience, Token)).ShouldBe(s_more.Version);
    }

    [Fact]
    public async Task A_lock_that_is_never_released_refuses_the_start_and_names_who_holds_it()
    {
        _ = await OpenAsync();
        var (holder, watcher) = (await ConnectAsync(), await ConnectAsync());
        await using var transaction = await holder.BeginTransactionAsync(Token);
        _ = await ExecuteAsync(holder, "SELECT count(*) FROM job");

        var refused = await Should
            .ThrowAsync<StoreException>(async () => await NewMigrator(2).BringUpAsync(await ConnectAsync(), migrate: true, s_patience));

        refused.IsTransient.ShouldBeTrue();
        refused.Message.ShouldContain($"could not be brought from version {PostgresSchema.Version} to {s_more.Version}");
        refused.Message.ShouldContain("Nothing was changed");
        refused.Message.ShouldContain($"pid {holder.ProcessID} ");
        refused.Message.ShouldContain("SELECT count(*) FROM job");
        (await ExecuteAsync(watcher, "SELECT max(version) FROM schema")).ShouldBe(PostgresSchema.Version);
        (await ExecuteAsync(watcher,
            "SELECT count(*) FROM information_schema.columns WHERE table_schema = current_schema() AND column_name = 'more'")).ShouldBe(0L);
        await using var other = await watcher.BeginTransactionAsync(Token);
        _ = await ExecuteAsync(watcher, "LOCK TABLE signal IN ACCESS EXCLUSIVE MODE NOWAIT");
    }

    [Fact]
    public async Task The_script_waits_for_no_lock_longer_than_a_moment_changes_nothing_then_and_can_be_run_again()
    {
        var script = PostgresSchema.Script(Schema);
        var (holder, own) = (await ConnectAsync(), await ConnectAsync());
        _ = await ExecuteAsync(holder,
            $"CREATE SCHEMA \"{Schema}\"; CREATE TABLE \"{Schema}\".schema(version bigint PRIMARY KEY, breaking boolean NOT NULL, name "
            + "text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())");
        await using (await holder.BeginTransactionAsync(Token))
        {
            _ = await ExecuteAsync(holder, "LOCK TABLE schema IN ACCESS EXCLUSIVE MODE");
            var refused = await Should.ThrowAsync<PostgresException>(() => ExecuteAsync(own, script).AsTask().WaitAsync(s_patience, Token));
            refused.SqlState.ShouldBe(PostgresErrorCodes.LockNotAvailable);
            _ = await ExecuteAsync(own, "ROLLBACK");
        }

        _ = await ExecuteAsync(own, script);

        (await ExecuteAsync(own, "SELECT max(version) FROM schema")).ShouldBe(PostgresSchema.Version);
        _ = await OpenAsync(static o => o.Migrate = false);
    }

    private Migrator NewMigrator(int tries) => new(new SqlTexts(Schema), "here", NullLogger.Instance)
    {
        Migrations = [.. Migrator.Embedded, s_more],
        MostAttempts = tries,
        Pause = TimeSpan.FromMilliseconds(20),
    };

    /// <summary>Waits until a connection waits for a lock, or does not any more.</summary>
    private static async Task WaitsAsync(NpgsqlConnection watcher, NpgsqlConnection own, bool waits)
    {
        var since = TimeProvider.System.GetTimestamp();
        while ((bool)(await ExecuteAsync(watcher,
            $"SELECT EXISTS(SELECT 1 FROM pg_locks WHERE pid = {own.ProcessID} AND NOT granted)"))! != waits)
        {
            TimeProvider.System.GetElapsedTime(since).ShouldBeLessThan(s_patience, $"the migration waits: {waits}");
            await Task.Delay(2, Token);
        }
    }
}
