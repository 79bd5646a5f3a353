using System.Collections.Concurrent;
using Npgsql;
using Simmer.FleetTests.Hosts;
using Simmer.Postgres;
using Simmer.Servers;

namespace Simmer.FleetTests.Waking;

/// <summary>Processes wake each other by notifications. Polls and beats are so rare here that they cannot be what wakes them.</summary>
public sealed class Listening : HostTest
{
    private const string Listeners = "(SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%')";

    // A look and no beat: only a look has this condition.
    private const string BarredLooks =
        "(SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE "
            + "'%$3::text IS NULL%')";

    private readonly ConcurrentQueue<string> _heard = new();

    [Theory]
    [Trait("Rule", "34")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_job_of_one_process_starts_in_another_by_a_signal_whichever_was_there_first(bool workerFirst)
    {
        await using var first = await (workerFirst ? StartRareAsync() : StartRareClientAsync());
        await using var second = await (workerFirst ? StartRareClientAsync() : StartRareAsync());
        var (worker, client) = workerFirst ? (first, second) : (second, first);
        await Until.True(() => IsListening(worker) && IsListening(client), "both listen");

        for (var i = 0; i < 10; i++)
        {
            await client.Jobs.EnqueueAsync(new Note($"{i}"), cancellationToken: Token);
            await Until.True(() => Notes.Count == i + 1, "it has run");
        }
    }

    [Fact]
    [Trait("Rule", "34")]
    public async Task A_worker_that_is_alone_with_a_queue_claims_at_the_signal_without_a_look()
    {
        await using var worker = await StartRareAsync();
        await using var client = await StartRareClientAsync();
        await Until.True(() => IsListening(worker) && IsListening(client), "both listen");
        await DoAsync(client, 1, "first");

        await using var barred = await BarLooksAsync();
        for (var i = 0; i < 5; i++)
        {
            await client.Jobs.EnqueueAsync(new Note($"{i}"), cancellationToken: Token);
            await Until.True(() => Notes.Count == i + 2, "it has run");
        }
    }

    [Fact]
    [Trait("Rule", "34")]
    public async Task Of_several_idle_workers_each_looks_before_it_claims()
    {
        await using var one = await StartRareAsync();
        await using var two = await StartRareAsync();
        await using var client = await StartRareClientAsync();
        await Until.True(() => IsListening(one) && IsListening(two) && IsListening(client), "all listen");
        await DoAsync(client, 1, "first");
        foreach (var worker in (EngineHost[])[one, two])
        {
            // Beats are rare here, so each process is made to beat now and learns that the other is idle.
            worker.Node.Durable!.Leases!.Wake();
            await Until.True(() => worker.Node.Durable.Runner.Queues.All(static l => l.IdleElsewhere), "it knows of the other");
        }

        await using (await BarLooksAsync())
        {
            await client.Jobs.EnqueueAsync(new Note("second"), cancellationToken: Token);
            await BecomesAsync(await ConnectAsync(), BarredLooks + " = 2");
            Notes.Count.ShouldBe(1);
        }

        await Until.True(() => Notes.Count == 2, "one has claimed it");
    }

    [Fact]
    [Trait("Rule", "34")]
    public async Task However_many_jobs_a_commit_brings_there_is_one_notification_of_them_after_it()
    {
        await using var worker = await StartRareAsync();
        await using var client = await StartRareClientAsync();
        await Until.True(() => IsListening(worker) && IsListening(client), "both listen");
        var ear = await ListenAsync();

        await client.Jobs.EnqueueManyAsync(Enumerable.Range(0, 500).Select(static i => new Note($"{i}")), cancellationToken: Token);
        await HeardAsync(ear, 1);
        await Until.True(() => Notes.Count == 500, "all have run");

        await ExecuteAsync(ear, "SELECT 1");
        _heard.Count.ShouldBe(1);
    }

    [Fact]
    [Trait("Rule", "34")]
    public async Task In_a_storm_of_commits_there_is_at_most_one_notification_in_five_milliseconds()
    {
        await using var worker =
            await StartRareAsync(static s => s.AddQueue("elsewhere").Configure(static o => o.Worker.Queues.Add("elsewhere")));
        await using var client = await StartRareClientAsync();
        await Until.True(() => IsListening(worker) && IsListening(client), "both listen");
        var ear = await ListenAsync();
        var began = TimeProvider.System.GetTimestamp();

        await Task.WhenAll(Enumerable.Range(0, 16).Select(async _ =>
        {
            for (var i = 0; i < 40; i++)
            {
                await client.Jobs.EnqueueAsync(new Note("x"), cancellationToken: Token);
            }
        }));
        await HeardAsync(ear, 1);
        await ExecuteAsync(ear, "SELECT 1");

        var spans = TimeProvider.System.GetElapsedTime(began) / TimeSpan.FromMilliseconds(5);
        ((double)_heard.Count).ShouldBeLessThanOrEqualTo(spans + 1);
        _heard.Count.ShouldBeLessThan(640, "never one a job");
    }

    [Fact]
    [Trait("Rule", "35")]
    public async Task What_is_enqueued_in_a_callers_transaction_is_told_with_its_commit_and_not_with_a_rollback()
    {
        await using var worker = await StartRareAsync();
        await Until.True(() => IsListening(worker), "it listens");
        var ear = await ListenAsync();
        var connection = await ConnectAsync();
        await using (var transaction = await connection.BeginTransactionAsync(Token))
        {
            await worker.Jobs.Within(transaction).EnqueueAsync(new Note("gone"), cancellationToken: Token);
            await transaction.RollbackAsync(Token);
        }

        await using (var transaction = await connection.BeginTransactionAsync(Token))
        {
            var client = worker.Jobs.Within(transaction);
            await client.EnqueueAsync(new Note("one"), cancellationToken: Token);
            await client.EnqueueManyAsync([new Note("two"), new Note("three")], cancellationToken: Token);
            await ExecuteAsync(ear, "SELECT 1");
            _heard.ShouldBeEmpty("nothing is committed yet");
            await transaction.CommitAsync(Token);
        }

        await Until.True(() => Notes.Count == 3, "they start by the signal");
        await HeardAsync(ear, 1);
        await ExecuteAsync(ear, "SELECT 1");
        Notes.Order().ShouldBe(["one", "three", "two"]);
        _heard.Count.ShouldBe(1);
    }

    [Fact]
    [Trait("Rule", "34")]
    public async Task A_listener_that_was_ended_is_told_of_and_comes_back_and_no_job_waits_for_it()
    {
        await using var worker = await StartAsync(static s => s.Configure(static o => o.PollInterval = TimeSpan.FromMilliseconds(200)));
        await using var client =
            await StartClientAsync(static s => s.Configure(static o => o.PollInterval = TimeSpan.FromMilliseconds(200)));
        var connection = await ConnectAsync();
        await Until.True(() => IsListening(worker) && IsListening(client), "both listen");

        (await AskAsync<long>(connection, "SELECT " + Listeners)).ShouldBe(2);
        await ExecuteAsync(connection,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'");
        await DoAsync(client, 50, "between");

        await Until.True(() => Has(worker, 3007) && Has(worker, 3008) && IsListening(worker), "it was lost and is back");
        Notes.Count.ShouldBe(50);
    }

    [Theory]
    [Trait("Rule", "34")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_worker_whose_network_is_cut_or_stalled_goes_on_and_listens_again_when_it_has_healed(bool stalls)
    {
        await using var proxy = TcpProxy.Before(Database);
        await using var worker =
            await StartAsync(store: static o => o.CommandTimeout = TimeSpan.FromSeconds(1), connectionString: proxy.Through(Database));
        await using var client = await StartClientAsync();
        await Until.True(() => IsListening(worker) && IsListening(client), "both listen");
        await DoAsync(client, 5, "before");

        if (stalls)
        {
            proxy.Stall();
        }
        else
        {
            proxy.Cut();
        }

        var handles = await client.Jobs
            .EnqueueManyAsync(Enumerable.Range(0, 20).Select(static i => new Note($"after {i}")), cancellationToken: Token);
        await Until.True(() => Has(worker, 3007), "it is told");
        proxy.Heal();

        await Task.WhenAll(handles.Select(static h => h.WaitAsync(Token)));
        await Until.True(() => Has(worker, 3008) && IsListening(worker), "it listens again");
        Notes.Distinct().Count().ShouldBe(25);
    }

    [Fact]
    public async Task By_polling_alone_everything_works_and_nobody_listens_or_is_notified()
    {
        await using var worker =
            await StartAsync(static s => s.Configure(static o => o.PollInterval = TimeSpan.FromMilliseconds(100)), Poll);
        await using var client = await StartClientAsync(store: Poll);
        var ear = await ListenAsync();

        await DoAsync(client, 20, "polled");
        await (await client.Jobs.EnqueueAsync(Chain.Of(new Note("one")).Then(new Note("two")), cancellationToken: Token)).WaitAsync(Token);
        var connection = await ConnectAsync();
        await using (var transaction = await connection.BeginTransactionAsync(Token))
        {
            await client.Jobs.Within(transaction).EnqueueAsync(new Note("within"), cancellationToken: Token);
            await transaction.CommitAsync(Token);
        }

        await Until.True(() => Notes.Count == 23, "all have run");
        await ExecuteAsync(ear, "SELECT 1");
        _heard.ShouldBeEmpty();
        (await AskAsync<long>(connection, "SELECT " + Listeners)).ShouldBe(0);

        static void Poll(PostgresStoreOptions o) => o.Wakeup = PostgresWakeup.Poll;
    }

    private static bool IsListening(EngineHost host) => ((PostgresWakeups)host.Node.Durable!.Store.Wakeups).IsListening;

    private static bool Has(EngineHost host, int eventId) => host.Log.Lines.Any(l => l.EventId == eventId);

    private Task<EngineHost> StartRareAsync(Action<SimmerBuilder>? more = null) => StartAsync(s =>
    {
        Rarely(s);
        more?.Invoke(s);
    });

    private Task<EngineHost> StartRareClientAsync() => StartClientAsync(Rarely);

    private static void Rarely(SimmerBuilder simmer) =>
        simmer.Configure(static o => (o.Lease, o.PollInterval) = (TimeSpan.FromMinutes(30), TimeSpan.FromMinutes(30)));

    /// <summary>A connection that listens to the notifications of the processes, except those that one of them has begun to
    /// listen.</summary>
    private async Task<NpgsqlConnection> ListenAsync()
    {
        var ear = await ConnectAsync();
        ear.Notification += (_, e) =>
        {
            if (e.Payload.Contains('|', StringComparison.Ordinal))
            {
                _heard.Enqueue(e.Payload);
            }
        };
        await ExecuteAsync(ear, "LISTEN \"simmer.wake\"");
        return ear;
    }

    /// <summary>Until it is disposed no worker can look for what is ready, since a look reads the signals as well; flushes do
    /// not.</summary>
    private async Task<NpgsqlTransaction> BarLooksAsync()
    {
        var transaction = await (await ConnectAsync()).BeginTransactionAsync(Token);
        await ExecuteAsync(transaction.Connection!, "LOCK TABLE simmer.signal IN ACCESS EXCLUSIVE MODE");
        return transaction;
    }

    private async Task HeardAsync(NpgsqlConnection ear, int count)
    {
        while (_heard.Count < count)
        {
            (await ear.WaitAsync(TimeSpan.FromSeconds(30), Token)).ShouldBeTrue();
        }
    }
}
