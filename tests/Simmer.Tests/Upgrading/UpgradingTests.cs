using System.Globalization;
using System.Text;
using Simmer.Tests.Engine;
using Simmer.Tests.Workflows;

namespace Simmer.Tests.Upgrading;

public sealed class UpgradingSqlite : UpgradingTests<OldSqlite>;

public sealed class UpgradingPostgres : UpgradingTests<OldPostgres>;

/// <summary>A database that commit 9e51af5 made, opened by the present version: every row in it goes on, and what was stored is still
/// read.</summary>
/// <remarks>Whatever migrations there are since, these hold. A migration that an old process cannot live with is marked as breaking, and
/// then the last of them does not count.</remarks>
public abstract class UpgradingTests<TDatabase> : IAsyncLifetime
    where TDatabase : IOldDatabase, new()
{
    private const string Theirs = "theirs";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private readonly OldJobs _jobs = new();

    private TDatabase Database { get; } = new();

    public ValueTask InitializeAsync() => Database.CreateAsync();

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Every_job_of_an_old_database_comes_to_its_end()
    {
        await using var host = await StartAsync();
        await host.Node.Durable!.Store.ResumeQueueAsync(OldJobs.Paused, TimeProvider.System.GetUtcNow(), Cancelled);

        foreach (var id in new[] { OldIds.Ready, OldIds.Suspect, OldIds.UniqueUnfinished, OldIds.UniqueWaiting, OldIds.Scheduled,
            OldIds.Retrying, OldIds.Running })
        {
            (await host.Jobs.WaitAsync(id, Cancelled)).ShouldNotBeNull().State.ShouldBe(JobState.Succeeded, id.ToString());
        }

        (await host.Jobs.WaitAsync(OldIds.Stubborn, Cancelled)).ShouldNotBeNull().ShouldSatisfyAllConditions(
            static j => j.State.ShouldBe(JobState.Cancelled), static j => j.Reason.ShouldBe("too slow"));
        (await host.Jobs.WaitAsync(OldIds.Expired, Cancelled)).ShouldNotBeNull().ShouldSatisfyAllConditions(
            static j => j.State.ShouldBe(JobState.Cancelled), static j => j.Reason.ShouldBe("expired"));
        (await host.Jobs.WaitAsync(OldIds.Flow, Cancelled)).ShouldNotBeNull().State.ShouldBe(WorkflowState.Succeeded);
        (await host.Jobs.GetStepsAsync(OldIds.Flow, Cancelled)).Select(static s => (s.Name, s.Job.State)).ShouldBe(
        [
            ("scales", JobState.Succeeded), ("held", JobState.Succeeded), ("join", JobState.Succeeded), ("scales/undo", JobState.Skipped),
                ("finally", JobState.Succeeded),
        ]);

        // Nothing is left over, and nothing ran that was at its end.
        (await host.Node.Durable!.Store.Browser.CountAsync(Cancelled)).ShouldAllBe(static c => c.State.IsFinal());
        _jobs.Ran.ShouldBe(["not yet", "alone", "held", "finally"], ignoreOrder: true);
        _jobs.Letters.Count(static l => l.To == "Ada").ShouldBe(5);
        _jobs.Letters.Count(static l => l.To == "Cyd").ShouldBe(1);
        _jobs.Letters.ShouldAllBe(static l => l.About == OldIds.Succeeded && l.Flow == OldIds.Flow);
    }

    [Fact]
    public async Task What_an_old_database_holds_is_read_as_it_was_stored()
    {
        await using var host = await StartAsync();

        // The ids that were given then are known now, and the results behind them are read.
        var again = await host.Jobs
            .EnqueueAsync(new OldScales(12.5m), new EnqueueOptions { Id = OldIds.Succeeded, Queue = "kept" }, Cancelled);
        again.IsDuplicate.ShouldBeTrue();
        (await again.WaitAsync(Cancelled)).ShouldBe(new OldWeight(12.5m, OldIds.Succeeded));
        var flow = await host.Jobs
            .EnqueueAsync(Chain.Of("scales", new OldScales(1)), new WorkflowOptions { Id = OldIds.EndedFlow }, Cancelled);
        flow.IsDuplicate.ShouldBeTrue();
        (await host.Jobs.GetStepsAsync(OldIds.EndedFlow, Cancelled)).Select(static s => (s.Name, s.Job.State))
            .ShouldBe([("scales", JobState.Succeeded), ("letter", JobState.Succeeded)]);

        var failed = (await host.Jobs.GetAsync(OldIds.Failed, Cancelled)).ShouldNotBeNull();
        (failed.State, failed.Reason).ShouldBe((JobState.Failed, "attempts exhausted: 1 of 1"));
        failed.Errors.ShouldHaveSingleItem().Message.ShouldBe("no ink");
        var cancelled = (await host.Jobs.GetAsync(OldIds.Cancelled, Cancelled)).ShouldNotBeNull();
        (cancelled.State, cancelled.Reason).ShouldBe((JobState.Cancelled, "changed my mind"));
        var ready = (await host.Jobs.GetAsync(OldIds.Ready, Cancelled)).ShouldNotBeNull();
        (ready.State, ready.Queue, ready.Priority).ShouldBe((JobState.Ready, OldJobs.Paused, 3));
        ready.Tags.ShouldBe(["urgent", "post"]);
        Encoding.UTF8.GetString(ready.Payload.Span).ShouldContain($"{{\"value\":\"{OldIds.Succeeded}\"}}");

        // Keys that were held then are held now.
        foreach (var (key, holder) in new[] { ("unfinished", OldIds.UniqueUnfinished), ("waiting", OldIds.UniqueWaiting) })
        {
            var second = await host.Jobs.EnqueueAsync(
                new OldLetter("Eve", OldIds.Succeeded, OldIds.Flow),
                    new EnqueueOptions { Queue = OldJobs.Paused, UniqueKey = key,
                    UniqueWhile = key == "waiting" ? UniqueWhile.Waiting : UniqueWhile.Unfinished }, Cancelled);
            (second.IsDuplicate, second.Id).ShouldBe((true, holder));
        }
    }

    [Fact]
    public async Task A_process_of_the_old_version_goes_on_beside_a_new_one()
    {
        await using var old = Database.OldProcess();
        await old.RegisterAsync(Theirs);
        await using var host = await StartAsync();
        (await old.BeatAsync()).ShouldBeTrue();

        // The new process runs what the old one stores.
        var forNew = new JobId(Guid.CreateVersion7());
        await old.EnqueueAsync(forNew, "kept", "old-letter",
            $"{{\"to\":\"Fay\",\"about\":{{\"value\":\"{OldIds.Succeeded}\"}},\"flow\":{{\"value\":\"{OldIds.Flow}\"}}}}");
        (await host.Jobs.WaitAsync(forNew, Cancelled)).ShouldNotBeNull().State.ShouldBe(JobState.Succeeded);
        _jobs.Letters.ShouldContain(new OldLetter("Fay", OldIds.Succeeded, OldIds.Flow));

        // The old process claims and settles what the new one stores, and the new one sees it.
        var theirs = new EnqueueOptions { Queue = Theirs };
        var kept = await host.Jobs.EnqueueAsync(new OldWork("kept"), theirs, Cancelled);
        var unkept = await host.Jobs.EnqueueAsync(new OldWork("unkept"), theirs, Cancelled);
        var claimed = await old.ClaimAsync(Theirs, "old-work");
        claimed.Select(static c => (c.Id, c.Payload)).ShouldBe([(kept.Id, "{\"what\":\"kept\"}"), (unkept.Id, "{\"what\":\"unkept\"}")]);
        (await host.Jobs.GetAsync(kept.Id, Cancelled)).ShouldNotBeNull()
            .ShouldSatisfyAllConditions(static j => j.State.ShouldBe(JobState.Running), static j => j.Worker.ShouldBe("old:2"));
        (await old.BeatAsync()).ShouldBeTrue();
        (await old.SucceedAsync(kept.Id, claimed[0].Run, keep: true)).ShouldBeTrue();
        (await old.SucceedAsync(unkept.Id, claimed[1].Run, keep: false)).ShouldBeTrue();
        (await old.SucceedAsync(unkept.Id, claimed[1].Run, keep: false)).ShouldBeFalse("it is settled");
        (await host.Jobs.WaitAsync(kept.Id, Cancelled)).ShouldNotBeNull().State.ShouldBe(JobState.Succeeded);
        (await host.Jobs.GetAsync(unkept.Id, Cancelled)).ShouldBeNull();

        // Both go on.
        (await old.BeatAsync()).ShouldBeTrue();
        await (await host.Jobs.EnqueueAsync(new OldWork("last"), new EnqueueOptions { Queue = "kept" }, Cancelled)).WaitAsync(Cancelled);
    }

    [Fact]
    public async Task A_process_of_the_old_version_does_its_upkeep_beside_a_new_one()
    {
        await using var old = Database.OldProcess();
        await old.RegisterAsync(Theirs);
        (await old.HoldAsync("theirs")).ShouldBeTrue();
        await using var host = await StartAsync();
        var (store, worker) = (host.Node.Durable!.Store, host.Node.Durable.Registered!.Value);

        // What the old process had before the migration it has after it, and takes more.
        (await old.HoldAsync("theirs")).ShouldBeTrue();
        (await old.HoldAsync("more")).ShouldBeTrue();
        (await TakeAsync("ours")).ShouldBeTrue();
        (await TakeAsync("ours")).ShouldBeTrue();
        (await TakeAsync("theirs")).ShouldBe(!Database.SharesUpkeepLeases);
        (await old.HoldAsync("ours")).ShouldBe(!Database.SharesUpkeepLeases);

        await old.DeregisterAsync();
        (await TakeAsync("theirs")).ShouldBeTrue();
        (await TakeAsync("more")).ShouldBeTrue();

        ValueTask<bool> TakeAsync(string name) => store
            .TryTakeUpkeepLeaseAsync(name, worker, TimeSpan.FromHours(1), TimeProvider.System.GetUtcNow(), Cancelled);
    }

    [Fact]
    public async Task Old_and_new_processes_pause_and_resume_the_same_queues()
    {
        await using var old = Database.OldProcess();
        await old.RegisterAsync(Theirs);
        await using var host = await StartAsync();
        var store = host.Node.Durable!.Store;

        await old.SetQueueAsync(Theirs, paused: true);
        (await PauseOfAsync(Theirs)).ShouldBe(new QueuePause(null, null, null));
        (await PauseOfAsync(OldJobs.Paused)).ShouldBe(new QueuePause(null, null, null));
        await store.PauseQueueAsync(Theirs, "the provider is away", "Ada", TimeProvider.System.GetUtcNow(), Cancelled);
        (await PauseOfAsync(Theirs)).ShouldNotBeNull().By.ShouldBe("Ada");
        await old.SetQueueAsync(Theirs, paused: false);
        (await PauseOfAsync(Theirs)).ShouldBeNull();

        // What the new process has declared is none of the old one's business.
        (await store.Browser.QueuesAsync(Cancelled)).Single(static q => q.Name == "kept").Declared.ShouldNotBeNull()
            .Policy.KeepFailed.ShouldBe(TimeSpan.FromDays(36_500));

        async Task<QueuePause?> PauseOfAsync(string queue) =>
            (await store.Browser.QueuesAsync(Cancelled)).Single(q => q.Name == queue).Pause;
    }

    [Fact]
    public async Task Progress_of_old_and_new_processes_is_shown_beside_one_another_and_stays_with_the_ends()
    {
        await using var old = Database.OldProcess();
        await old.RegisterAsync(Theirs);
        var goOn = new Signal();
        await using var host = await StartAsync(s => s.AddJob(async (Custom _, JobContext context, CancellationToken _) =>
        {
            context.Progress.Report(0.25, "new");
            await goOn.WaitAsync();
        }));
        var ours = await host.Jobs.EnqueueAsync(new Custom("x"), new EnqueueOptions { Queue = "kept" }, Cancelled);
        var theirs = await host.Jobs.EnqueueAsync(new OldWork("kept"), new EnqueueOptions { Queue = Theirs }, Cancelled);
        var claimed = (await old.ClaimAsync(Theirs, "old-work")).ShouldHaveSingleItem();
        var before = (await theirs.GetAsync(Cancelled))!.Version;

        await old.NoteAsync(claimed.Id, claimed.Run, 0.5, "old");

        (await theirs.GetAsync(Cancelled))!.ShouldSatisfyAllConditions(static j => j.Progress.ShouldBe(0.5),
            static j => j.ProgressText.ShouldBe("old"), j => j.Version.ShouldBeGreaterThan(before));
        await Until.TrueAsync(async () => (await ours.GetAsync(Cancelled))!.ProgressText == "new", "it is shown");
        (await old.BeatAsync()).ShouldBeTrue();
        (await old.SucceedAsync(claimed.Id, claimed.Run, keep: true)).ShouldBeTrue();
        goOn.Set();
        await ours.WaitAsync(Cancelled);
        (await theirs.GetAsync(Cancelled))!.ShouldSatisfyAllConditions(static j => j.State.ShouldBe(JobState.Succeeded),
            static j => j.Progress.ShouldBe(0.5));
        (await ours.GetAsync(Cancelled))!.ShouldSatisfyAllConditions(static j => j.State.ShouldBe(JobState.Succeeded),
            static j => j.Progress.ShouldBe(0.25));
    }

    [Fact]
    public async Task An_old_schema_becomes_the_newest()
    {
        var before = await VersionAsync();
        await (await StartAsync()).DisposeAsync();
        var after = await VersionAsync();
        await (await StartAsync()).DisposeAsync();

        after.ShouldBeGreaterThanOrEqualTo(before);
        (await VersionAsync()).ShouldBe(after);
        after.ShouldBe(Database is OldSqlite ? Newest(typeof(Sqlite.SqliteStoreOptions)) : Newest(typeof(Postgres.PostgresStoreOptions)));
    }

    private static long Newest(Type store) => store.Assembly.GetManifestResourceNames()
        .Where(static name => name.Contains(".Migrations.", StringComparison.Ordinal))
        .Max(static name => long
            .Parse(name.AsSpan(name.IndexOf(".Migrations.", StringComparison.Ordinal) + ".Migrations.".Length, 4),
            CultureInfo.InvariantCulture));

    private async Task<long> VersionAsync()
    {
        await using var connection = Database.Open();
        await using var ask = connection.CreateCommand();
        ask.CommandText = Database.VersionSql;
        return (long)(await ask.ExecuteScalarAsync(Cancelled))!;
    }

    private Task<EngineHost> StartAsync(Action<SimmerBuilder>? more = null) => EngineHost.StartAsync(s =>
    {
        _ = _jobs.AddTo(Database.Use(s)).AddQueue(Theirs, static q => q.Requires = ["an old process"]);
        more?.Invoke(s);
    });
}
