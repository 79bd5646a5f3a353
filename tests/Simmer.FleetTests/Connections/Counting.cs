using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Simmer.FleetTests.Hosts;
using Simmer.Storage;

namespace Simmer.FleetTests.Connections;

/// <summary>How many connections a process takes, and what happens when the pool has none left for it.</summary>
public sealed class Counting : HostTest
{
    // Four, the listener, and one while it vacuums.
    private const int AtMost = 6;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_process_has_at_most_four_connections_its_listener_and_one_for_vacuums_whatever_it_does(bool shared)
    {
        var named = new NpgsqlConnectionStringBuilder(Database) { ApplicationName = "counted", MaxPoolSize = 80 };
        await using var source = NpgsqlDataSource.Create(named);
        var gate = new SemaphoreSlim(0);
        await using var host = await EngineHost.StartAsync(s => (shared ? s.UsePostgres(source) : s.UsePostgres(named.ConnectionString))
            .AddQueue("wide", static q => q.Concurrency = 200)
            .AddJob(async (Note _, CancellationToken token) => await gate.WaitAsync(token)));
        var connection = await ConnectAsync();
        var wide = new EnqueueOptions { Queue = "wide" };
        var running = await host.Jobs.EnqueueManyAsync(Enumerable.Range(0, 200).Select(static i => new Note($"{i}")), wide, Token);
        await Until.True(() => host.Node.Durable!.Table.Count == 200, "200 handlers run");

        var load = new List<Task>();
        for (var i = 0; i < 40; i++)
        {
            load.Add(host.Jobs.EnqueueAsync(new Note("more"), wide, Token));
            load.Add(host.Jobs.EnqueueAsync(Chain.Of(new Note("one"), options: wide).Then(new Note("two"), options: wide),
                cancellationToken: Token));
            load.Add(running[i].GetAsync(Token));
            load.Add(host.Node.Durable!.Store.Browser.ListAsync(new JobQuery(), Token).AsTask());
            load.Add(running[i].CancelAsync(cancellationToken: Token));
        }

        var most = 0L;
        var all = Task.WhenAll(load);
        while (!all.IsCompleted)
        {
            most = Math
                .Max(most, await AskAsync<long>(connection, "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'counted'"));
        }

        await all;
        gate.Release(1_000);
        await Until.True(() => host.Node.Durable!.Table.Count == 0, "all have ended");
        most.ShouldBeInRange(3, AtMost);
        (await AskAsync<long>(connection, "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'counted'"))
            .ShouldBeLessThanOrEqualTo(AtMost);
    }

    [Fact]
    [Trait("Rule", "7")]
    public async Task An_application_that_uses_up_the_pool_stops_neither_the_flush_nor_the_heartbeat()
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(Database) { MaxPoolSize = 8, Timeout = 2 });
        await using var host = await EngineHost
            .StartAsync(s => s.UsePostgres(source).Configure(static o => o.Lease = TimeSpan.FromSeconds(3)).AddQueue("late")
            .AddQueue("within").AddJob((Note job, CancellationToken _) =>
        {
            Notes.Enqueue(job.What);
            return Task.CompletedTask;
        }));
        await host.Jobs.EnqueueAsync(new Note("first"), cancellationToken: Token);
        await Until.True(() => Notes.Count == 1, "all that is kept is open");
        var taken = new List<NpgsqlConnection>();
        await Should.ThrowAsync<NpgsqlException>(async () =>
        {
            while (true)
            {
                taken.Add(await source.OpenConnectionAsync(Token));
            }
        });
        var watcher = await ConnectAsync();
        var beats = await AskAsync<long>(watcher, "SELECT sum(beats)::bigint FROM simmer.worker");

        for (var i = 0; i < 50; i++)
        {
            await host.Jobs.EnqueueAsync(new Note($"{i}"), i % 2 == 0 ? new EnqueueOptions { Queue = "late" } : null, Token);
        }

        await Until.True(() => Notes.Count == 51, "all have run");
        await using (var transaction = await taken[0].BeginTransactionAsync(Token))
        {
            await host.Jobs.Within(transaction).EnqueueAsync(new Note("within"), new EnqueueOptions { Queue = "within" }, Token);
            await transaction.CommitAsync(Token);
        }

        await BecomesAsync(watcher, $"(SELECT sum(beats) > {beats + 1} FROM simmer.worker)");
        await Until.True(() => Notes.Count == 52, "so has what came with the application's own transaction");
        foreach (var connection in taken)
        {
            await connection.DisposeAsync();
        }
    }

    [Theory]
    [InlineData(85, true)]
    [InlineData(86, false)]
    public async Task A_worker_whose_jobs_and_after_response_tasks_can_starve_the_shared_pool_says_so_at_its_start(int size, bool says)
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(Database) { MaxPoolSize = size });
        await using var host = await EngineHost.StartAsync(s => s.UsePostgres(source).AddJob<Note>());
        await Until.True(() => host.Node.Durable!.Registered is not null, "it is registered");

        var told = host.Log.Lines.Where(static l => l.EventId == 3010).ToList();
        told.Count.ShouldBe(says ? 1 : 0);
        if (says)
        {
            told[0].Text
                .ShouldContain("has 85 connections, and this worker runs up to 80 jobs at once beside the 6 connections of the store");
        }
    }

    [Fact]
    public async Task A_pool_of_its_own_can_starve_nobody()
    {
        await using var host = await EngineHost.StartAsync(s => s.UsePostgres(Database).AddJob<Note>());
        await Until.True(() => host.Node.Durable!.Registered is not null, "it is registered");

        host.Log.Lines.ShouldNotContain(static l => l.EventId == 3010);
    }
}
