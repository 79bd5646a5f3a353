using Simmer.Storage;
using Simmer.Tests.Engine;

namespace Simmer.Tests.Durable;

/// <summary>What processes declare of their queues at the start, and what comes of it for jobs that end without a run.</summary>
public abstract class DeclaredQueuesTests<TDatabase> : DurableTest<TDatabase>
    where TDatabase : IJobDatabase, new()
{
    private const int Contradicted = 1083;
    private const int DeclaredByNewer = 1084;

    private static readonly Version s_first = new(2, 0);

    private static readonly Version s_second = new(2, 1);

    [Fact]
    public async Task What_is_cancelled_by_hand_is_kept_as_long_as_its_own_queue_says()
    {
        await using var host = await StartAsync(s_first, TimeSpan.Zero);
        var forgotten = await EnqueueLaterAsync(host, "mail");
        var kept = await EnqueueLaterAsync(host, "default");

        (await forgotten.CancelAsync("not wanted", Cancelled)).ShouldBe(CancelResult.Cancelled);
        (await kept.CancelAsync("not wanted", Cancelled)).ShouldBe(CancelResult.Cancelled);

        var store = host.Node.Durable!.Store;
        var records = await store.Browser.GetAsync([forgotten.Id, kept.Id], Cancelled);
        (records[0]?.State, records[1]?.State).ShouldBe((null, JobState.Cancelled));
        (await Should.ThrowAsync<JobFailedException>(() => forgotten.WaitAsync(Cancelled))).Message.ShouldContain("not wanted");
        (await Should.ThrowAsync<JobFailedException>(() => kept.WaitAsync(Cancelled))).Message.ShouldContain("not wanted");
    }

    [Fact]
    public async Task A_process_declares_the_queues_that_it_works_on_when_it_starts()
    {
        await using var host = await StartAsync(s_first, TimeSpan.FromDays(3));

        (await DeclaredAsync(host, "mail")).ShouldBe(new DeclaredQueue(
            new QueuePolicy("mail") { KeepSucceeded = TimeSpan.FromHours(2), KeepFailed = TimeSpan.FromDays(3) }, new Version(2, 0, 0, 0)));
        (await DeclaredAsync(host, "default"))!.Policy.ShouldBe(new QueuePolicy("default"));
    }

    [Fact]
    public async Task A_process_that_works_on_nothing_declares_nothing()
    {
        await using var host = await StartClientAsync(static s => s.AddQueue("mail").AddJob<Greet>());

        (await host.Node.Durable!.Store.Browser.QueuesAsync(Cancelled)).ShouldAllBe(static q => q.Declared == null);
    }

    [Fact]
    public async Task An_older_version_that_starts_later_changes_nothing_and_says_so()
    {
        await using var newer = await StartAsync(s_second, TimeSpan.FromDays(3));
        await using var older = await StartAsync(s_first, TimeSpan.FromDays(1));

        (await DeclaredAsync(older, "mail"))!.Policy.KeepFailed.ShouldBe(TimeSpan.FromDays(3));
        older.Log.Lines.Where(static l => l.EventId == DeclaredByNewer).ShouldHaveSingleItem().Text.ShouldContain("2.1.0.0");
        newer.Log.Lines.ShouldNotContain(static l => l.EventId == DeclaredByNewer);
    }

    [Fact]
    public async Task Of_two_processes_of_one_version_that_declare_otherwise_the_first_stays_and_the_second_warns()
    {
        await using var first = await StartAsync(s_first, TimeSpan.FromDays(3));
        await using var second = await StartAsync(s_first, TimeSpan.FromDays(1));

        (await DeclaredAsync(second, "mail"))!.Policy.KeepFailed.ShouldBe(TimeSpan.FromDays(3));
        var warning = second.Log.Lines.Where(static l => l.EventId == Contradicted).ShouldHaveSingleItem();
        warning.Text.ShouldContain("Queue mail is declared here to keep succeeded jobs for 02:00:00 and failed and cancelled ones for "
            + "1.00:00:00");
        warning.Text.ShouldContain("(2.0.0.0) to keep them for 02:00:00 and 3.00:00:00");
        warning.Text.ShouldContain("Simmer:ApplicationVersion");
        first.Log.Lines.ShouldNotContain(static l => l.EventId == Contradicted);
    }

    [Fact]
    public async Task Where_none_is_given_the_version_is_that_of_the_entry_assembly()
    {
        await using var host = await StartAsync(null, TimeSpan.FromDays(3));

        var version = System.Reflection.Assembly.GetEntryAssembly()!.GetName().Version!;
        (await DeclaredAsync(host, "mail"))!.Version.ShouldBe(version);
    }

    [Fact]
    public async Task After_a_database_was_emptied_the_queues_are_declared_again()
    {
        await using var host = await StartAsync(s_first, TimeSpan.FromDays(3));
        await using var connection = Database.Open();
        await EmptyAsync(connection);

        await Until.TrueAsync(async () => await DeclaredAsync(host, "mail") is not null, "the queues are declared again");
    }

    [Fact]
    public async Task A_store_that_takes_no_declarations_does_not_keep_a_process_from_starting()
    {
        await using var connection = Database.Open();
        await using (var first = await StartAsync(s_first, TimeSpan.FromDays(3)))
        {
        }

        await RunAsync(connection, RefusalSql);
        await using var host = await StartAsync(s_second, TimeSpan.FromDays(1));
        await Until.True(() => host.Log.Lines.Any(static l => l.Text.Contains("The loop 'declare queues' failed",
            StringComparison.Ordinal)), "it is told");
        await (await host.Jobs.EnqueueAsync(new Greet("Ada"), cancellationToken: Cancelled)).WaitAsync(Cancelled);

        await RunAsync(connection, RefusalGoneSql);
        await Until.TrueAsync(async () => (await DeclaredAsync(host, "mail"))!.Policy.KeepFailed == TimeSpan.FromDays(1), "it is declared");
    }

    /// <summary>Makes the database refuse every declaration; several statements.</summary>
    private protected abstract string RefusalSql { get; }

    private protected abstract string RefusalGoneSql { get; }

    private protected abstract string EmptySql { get; }

    private Task EmptyAsync(System.Data.Common.DbConnection connection) => RunAsync(connection, EmptySql);

    private static async Task RunAsync(System.Data.Common.DbConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        _ = await command.ExecuteNonQueryAsync(Cancelled);
    }

    private Task<EngineHost> StartAsync(Version? version, TimeSpan keepFailed) => StartAsync(s => s
        .AddQueue("mail", q => (q.KeepSucceeded, q.KeepFailed) = (TimeSpan.FromHours(2), keepFailed))
        .Configure(o => o.ApplicationVersion = version)
        .AddJob(static (Greet _, CancellationToken _) => Task.CompletedTask));

    private static Task<JobHandle> EnqueueLaterAsync(EngineHost host, string queue) =>
        host.Jobs.EnqueueAsync(new Greet("later"), new EnqueueOptions { Queue = queue, Delay = TimeSpan.FromHours(1) }, Cancelled);

    private static async Task<DeclaredQueue?> DeclaredAsync(EngineHost host, string queue) =>
        (await host.Node.Durable!.Store.Browser.QueuesAsync(Cancelled)).SingleOrDefault(q => q.Name == queue)?.Declared;
}

public sealed class DeclaredQueuesOnSqlite : DeclaredQueuesTests<SqliteJobs>
{
    private protected override string RefusalSql =>
        "CREATE TRIGGER refusal BEFORE UPDATE OF keep_failed ON simmer_queue BEGIN SELECT RAISE(ABORT, 'no'); END";

    private protected override string RefusalGoneSql => "DROP TRIGGER refusal";

    private protected override string EmptySql => "DELETE FROM simmer_queue; DELETE FROM simmer_worker";
}

public sealed class DeclaredQueuesOnPostgres : DeclaredQueuesTests<PostgresJobs>
{
    private protected override string RefusalSql => "ALTER TABLE queue ADD CONSTRAINT refusal CHECK (declared_by <> '2.1.0.0')";

    private protected override string RefusalGoneSql => "ALTER TABLE queue DROP CONSTRAINT refusal";

    private protected override string EmptySql => "DELETE FROM queue; DELETE FROM worker";
}
