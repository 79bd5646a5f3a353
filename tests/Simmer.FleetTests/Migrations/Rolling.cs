using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Simmer.FleetTests.Hosts;
using Simmer.Postgres;
using Simmer.Storage;

namespace Simmer.FleetTests.Migrations;

/// <summary>Processes that start together, and a newer version that comes beside an older one.</summary>
public sealed class Rolling : HostTest
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(10);
    private static readonly Migration s_harmless = Migration
        .Parse("0099_later", "-- breaking: no\nALTER TABLE simmer.job ADD COLUMN later int;\nCREATE TABLE simmer.later(id int);");
    private static readonly Migration s_breaking = Migration
        .Parse("0099_later", "-- breaking: yes\nALTER TABLE simmer.job RENAME COLUMN payload TO body;");

    private static readonly long s_known = Migrator.Embedded[^1].Version;

    [Theory]
    [InlineData("")]
    [Trait("Rule", "18")]
    [InlineData("-c default_transaction_isolation=serializable -c default_transaction_read_only=on")]
    public async Task Many_processes_that_start_at_once_on_an_empty_database_all_work(string defaults)
    {
        var database = new NpgsqlConnectionStringBuilder(Database) { Options = defaults }.ConnectionString;

        var hosts = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => StartAsync(connectionString: database)));

        hosts.Sum(static h => h.Log.Lines.Count(static l => l.EventId == 3003))
            .ShouldBe(Migrator.Embedded.Count, "each migration is applied once");
        await Task.WhenAll(hosts.Select((h, i) => DoAsync(h, 5, $"{i}")));
        Notes.Count.ShouldBe(30);
        await Task.WhenAll(hosts.Select(static h => h.DisposeAsync().AsTask()));
    }

    [Fact]
    public async Task After_a_harmless_migration_the_older_version_works_beside_the_newer_one_and_one_that_starts_is_warned()
    {
        await using var older = await StartAsync();
        await DoAsync(older, 5, "before");

        (await MigrateAsync(s_harmless)).ShouldBe(99);

        await DoAsync(older, 5, "beside");
        await using var restarted = await StartAsync();
        await DoAsync(restarted, 5, "after");
        restarted.Log.Lines.Single(static l => l.EventId == 3002).Text.ShouldContain($"has version 99, newer than the {s_known}");
        Notes.Count.ShouldBe(15);
        (await MigrateAsync(s_harmless)).ShouldBe(99, "the newer version starts again and finds its own work done");
    }

    [Fact]
    public async Task After_a_breaking_migration_the_older_version_is_refused_with_the_way_out()
    {
        await using (await StartAsync())
        {
            await MigrateAsync(s_breaking);
        }

        var refused = await Should.ThrowAsync<StoreException>(() => StartAsync());

        refused.IsTransient.ShouldBeFalse();
        refused.Message
            .ShouldContain($"has version 99, and its version 99 cannot be used by this version of Simmer, which knows up to {s_known}");
        refused.Message.ShouldContain("Update Simmer.Postgres in this process, or give it another schema");
    }

    [Fact]
    public async Task A_newer_version_that_may_not_migrate_refuses_the_older_schema_and_says_from_where_to_go_on()
    {
        await using (await StartAsync())
        {
            // The schema is there.
        }

        var refused = await Should.ThrowAsync<StoreException>(() => MigrateAsync(s_harmless, migrate: false));

        refused.Message.ShouldContain($"has version {s_known}, and this version of Simmer needs 99");
        refused.Message.ShouldContain($"--from {s_known}");
        (await AskAsync<long>(await ConnectAsync(), "SELECT max(version) FROM simmer.schema")).ShouldBe(s_known);
    }

    [Fact]
    public async Task Applications_with_a_schema_each_do_not_see_each_other()
    {
        await using var shop = await StartAsync(store: static o => o.Schema = "shop");
        await using var mill = await StartClientAsync(store: static o => o.Schema = "mill");
        var unique = new EnqueueOptions { UniqueKey = "one" };

        var grind = await mill.Jobs.EnqueueAsync(new Note("grind"), unique, Token);
        (await shop.Jobs.EnqueueAsync(new Note("sell"), unique, Token)).IsDuplicate.ShouldBeFalse();
        await DoAsync(shop, 20, "shop");

        (await grind.GetAsync(Token))!.State.ShouldBe(JobState.Ready, "the shop knows the kind, and still does not run the mill's job");
        (await shop.Jobs.GetAsync(grind.Id, Token)).ShouldBeNull();
        (await shop.Node.Durable!.Store.Browser.WorkersAsync(DateTimeOffset.UtcNow, Token)).Count.ShouldBe(1);
        Notes.ShouldNotContain("grind");
    }

    /// <summary>Migrates as a later version with one more migration would.</summary>
    private async Task<long> MigrateAsync(Migration more, bool migrate = true)
    {
        var migrator = new Migrator(new SqlTexts(PostgresStoreOptions.DefaultSchema), "here",
            NullLogger.Instance) { Migrations = [.. Migrator.Embedded, more] };
        return await migrator.BringUpAsync(await ConnectAsync(), migrate, s_timeout);
    }
}
