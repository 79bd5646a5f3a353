using Npgsql;
using Simmer.FleetTests.Hosts;
using Simmer.Postgres;
using Simmer.Servers;

namespace Simmer.FleetTests.Waking;

/// <summary>The processes connect through a real PgBouncer that lends a server connection for one transaction at a time, in turn: no two
/// transactions in a row are in the same session.</summary>
[Trait("Rule", "34")]
public sealed class Pooling : HostTest
{
    [Fact]
    public async Task By_polling_everything_works_on_whatever_connection_a_transaction_comes_to()
    {
        await using var bouncer = await PgBouncer.StartAsync(await PostgresServer.Shared, poolSize: 4);
        var through = bouncer.Through(Database);
        await using var worker =
            await StartAsync(s => Quickly(s).AddJob((Pay job, JobContext context, CancellationToken _) => PayAsync(job, context, through)),
                Poll, through);
        await using var other = await StartAsync(s => Quickly(s), Poll, through);
        await using var client = await StartClientAsync(static s => Quickly(s).AddJob<Pay>(), Poll, through);
        await ExecuteAsync(await ConnectAsync(), "CREATE TABLE paid(number int NOT NULL)");

        for (var i = 0; i < 10; i++)
        {
            await (await client.Jobs.EnqueueAsync(new Note($"{i}"), new EnqueueOptions { UniqueKey = $"key {i % 3}" }, Token))
                .WaitAsync(Token);
        }

        await DoAsync(client, 200, "many");
        await (await client.Jobs.EnqueueAsync(Chain.Of(new Note("one")).Then(new Pay(1)).Then(new Note("two")), cancellationToken: Token))
            .WaitAsync(Token);
        await using (var connection = await ConnectAsync(through))
        {
            await using var transaction = await connection.BeginTransactionAsync(Token);
            await client.Jobs.Within(transaction).EnqueueAsync(new Pay(2), cancellationToken: Token);
            await transaction.CommitAsync(Token);
        }

        var direct = await ConnectAsync();
        await BecomesAsync(direct, "(SELECT count(*) = 2 FROM paid)");
        await Until.True(() => Notes.Count == 212, "all have run");
        (await AskAsync<long>(direct,
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = "
            + "current_database())")).ShouldBe(0);
        (await AskAsync<long>(direct, "SELECT count(*) FROM simmer.history WHERE state <> 5 OR run <> 1")).ShouldBe(0);
        (await AskAsync<long>(direct, "SELECT count(*) FROM simmer.job")).ShouldBe(0);
    }

    [Fact]
    public async Task A_listener_that_can_hear_nothing_says_so_and_jobs_are_found_by_polling()
    {
        await using var bouncer = await PgBouncer.StartAsync(await PostgresServer.Shared, poolSize: 4);
        await using var worker = await StartAsync(s => Quickly(s), connectionString: bouncer.Through(Database));
        await using var client = await StartClientAsync(static s => Quickly(s), connectionString: bouncer.Through(Database));

        await DoAsync(client, 50, "many");

        await Until.True(() => worker.Log.Lines.Any(static l => l.EventId == 3020), "it is told");
        worker.Log.Lines.Single(static l => l.EventId == 3020).Text.ShouldContain("Set Wakeup to Poll");
        await DoAsync(client, 50, "more");
        Notes.Count.ShouldBe(100);
    }

    private static SimmerBuilder Quickly(SimmerBuilder simmer) =>
        simmer.Configure(static o => o.PollInterval = TimeSpan.FromMilliseconds(100));

    private static void Poll(PostgresStoreOptions options) => options.Wakeup = PostgresWakeup.Poll;

    /// <summary>The payment and the end of its job are one commit.</summary>
    private static async Task PayAsync(Pay job, JobContext context, string connectionString)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(Token);
        await using var transaction = await connection.BeginTransactionAsync(Token);
        await ExecuteAsync(connection, $"INSERT INTO paid VALUES({job.Order})");
        await context.CompleteWithinAsync(transaction, Token);
        await transaction.CommitAsync(Token);
    }
}
