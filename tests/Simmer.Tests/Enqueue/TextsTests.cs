using System.Diagnostics;
using Simmer.Tests.Durable;
using Simmer.Tests.Engine;
using Simmer.Tests.Payloads;

namespace Simmer.Tests.Enqueue;

/// <summary>Texts that no database can hold (half of a surrogate pair, a NUL). All stores refuse them in names and keys, and put marks in
/// their place in texts for people.</summary>
public abstract class TextsTests<TDatabase> : DurableTest<TDatabase>
    where TDatabase : IJobDatabase, new()
{
    private const string Half = "a \uD83D b";
    private const string EndsInHalf = "text \uD83D";

    // Not as the data of a theory: an attribute cannot hold them either.
    private static readonly string[] s_bad = [Half, EndsInHalf, "\uDE00\uD83D", "\uD83D\uD83D\uDE00", "a\0b"];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Keys_and_tags_and_names_are_refused_and_nothing_is_stored(int bad)
    {
        var text = s_bad[bad];
        await using var host = await StartClientAsync(static s => s.AddJob<Greet>());
        var jobs = host.Jobs;
        Func<Task>[] calls =
        [
            () => jobs.EnqueueAsync(new Greet("Ada"), new EnqueueOptions { UniqueKey = text }, Cancelled),
            () => jobs.EnqueueAsync(new Greet("Ada"), new EnqueueOptions { Tags = ["good", text] }, Cancelled),
            () => jobs.EnqueueManyAsync([(new Greet("Ada"), null), (new Greet("Ada"), new EnqueueOptions { UniqueKey = text })], Cancelled),
            () => jobs.EnqueueAsync(Chain.Of(new Greet("Ada")), new WorkflowOptions { Name = text }, Cancelled),
            () => jobs.EnqueueAsync(Chain.Of(text, new Greet("Ada")), cancellationToken: Cancelled),
            () => jobs.EnqueueAsync(Chain.Of(new Greet("Ada"), options: new EnqueueOptions { Tags = [text] }),
                cancellationToken: Cancelled),
            () => Task.FromResult(JobVerdict.Branch(text)),
        ];

        foreach (var call in calls)
        {
            (await Should.ThrowAsync<ArgumentException>(async () => await call())).Message.ShouldNotContain("\uD83D ", Case.Sensitive);
        }

        foreach (var engine in host.Node.Engines.All)
        {
            (await engine.Store.Browser.CountAsync(Cancelled)).ShouldBeEmpty();
        }
    }

    [Fact]
    public async Task What_is_said_of_a_text_that_is_too_long_repeats_little_of_it()
    {
        var text = new string('x', 1_000_000);
        await using var host = await StartClientAsync(static s => s.AddJob<Greet>());
        Func<Task>[] calls =
        [
            () => host.Jobs.EnqueueAsync(new Greet("Ada"), new EnqueueOptions { UniqueKey = text }, Cancelled),
            () => host.Jobs.EnqueueAsync(new Greet("Ada"), new EnqueueOptions { Tags = [text] }, Cancelled),
            () => host.Jobs.EnqueueAsync(new Greet("Ada"), new EnqueueOptions { Queue = text }, Cancelled),
            () => host.Jobs.EnqueueAsync(Chain.Of(new Greet("Ada")), new WorkflowOptions { Name = text }, Cancelled),
            () => host.Jobs.EnqueueAsync(Chain.Of(text, new Greet("Ada")), cancellationToken: Cancelled),
            () => Task.FromResult(JobId.Parse(text, null)),
            () => Task.FromResult(WorkflowId.Parse(text, null)),
            () => Task.FromResult(JobVerdict.Branch(text)),
        ];

        foreach (var call in calls)
        {
            var error = await Should.ThrowAsync<Exception>(async () => await call());
            error.Message.Length.ShouldBeLessThan(1_000, error.Message[..60]);
        }
    }

    [Fact]
    public void A_name_of_a_workflows_id_is_refused_since_two_would_be_one()
    {
        Should.Throw<ArgumentException>(static () => WorkflowId.For("order \uD83D")).Message.ShouldContain("half of a surrogate pair");
        WorkflowId.For("order \U0001F600").ShouldNotBe(WorkflowId.For("order \U0001F601"));
    }

    [Fact]
    public async Task A_kind_is_refused_at_start() =>
        (await Should.ThrowAsync<SimmerSetupException>(() =>
            StartAsync(static s => s.AddJob<Greet>(static o => o.Kind = "greet\uD83D")))).Message.ShouldContain("half of a surrogate pair");

    [Fact]
    public async Task Whole_ones_come_back_as_they_were_given()
    {
        await using var host = await StartClientAsync(static s => s.AddJob<Greet>());
        const string Text = "\U0001F600 \u00e4 \u4e2d \uFFFD";

        var handle = await host.Jobs.EnqueueAsync(new Greet("Ada"), new EnqueueOptions { UniqueKey = Text, Tags = [Text] }, Cancelled);

        var job = (await handle.GetAsync(Cancelled))!;
        (job.UniqueKey, job.Tags[0]).ShouldBe((Text, Text));
    }

    [Fact]
    public async Task What_is_only_shown_is_shown_alike()
    {
        await using var host = await StartAsync(s => s.AddJob(static (Greet job, JobContext context, CancellationToken _) =>
        {
            context.Progress.Report(0.5, Half);
            return job.Name == "throws" ? throw new InvalidOperationException("a\0b \uD83D") : Task.FromResult(JobVerdict.Fail(EndsInHalf));
        }, static o => o.MaxAttempts = 1));

        var threw = (await host.Jobs
            .WaitAsync((await host.Jobs.EnqueueAsync(new Greet("throws"), cancellationToken: Cancelled)).Id, Cancelled))!;
        threw.Errors.ShouldHaveSingleItem().Message.ShouldBe("a\uFFFDb \uFFFD");
        threw.ProgressText.ShouldBe("a \uFFFD b");
        var failed = (await host.Jobs
            .WaitAsync((await host.Jobs.EnqueueAsync(new Greet("fails"), cancellationToken: Cancelled)).Id, Cancelled))!;
        (failed.Reason, failed.Errors[0].Message).ShouldBe(("text \uFFFD", "text \uFFFD"));
        var later = await host.Jobs.EnqueueAsync(new Greet("later"), new EnqueueOptions { Delay = TimeSpan.FromDays(1) }, Cancelled);
        (await later.CancelAsync("not\0 wanted \uD83D", Cancelled)).ShouldBe(CancelResult.Cancelled);
        (await later.GetAsync(Cancelled))!.Reason.ShouldBe("not\uFFFD wanted \uFFFD");
    }

    [Fact]
    public async Task A_trace_state_is_no_reason_to_refuse_a_job()
    {
        await using var host = await StartClientAsync(static s => s.AddJob<Greet>());
        using var activity = new Activity("caller").SetIdFormat(ActivityIdFormat.W3C).Start();
        activity.TraceStateString = "a=\uD83D";

        var handle = await host.Jobs.EnqueueAsync(new Greet("Ada"), cancellationToken: Cancelled);

        (await handle.GetAsync(Cancelled))!.TraceState.ShouldBe("a=\uFFFD");
    }

    [Fact]
    public async Task Of_a_trace_state_the_first_512_characters_are_kept_in_whole_members()
    {
        await using var host = await StartClientAsync(static s => s.AddJob<Greet>());
        using var activity = new Activity("caller").SetIdFormat(ActivityIdFormat.W3C).Start();
        var fits = string.Join(',', Enumerable.Range(10, 51).Select(static n => $"v{n}=value")) + ",zz";
        fits.Length.ShouldBe(512);
        foreach (var (given, kept) in new (string, string?)[] { (fits, fits), (fits + "z", fits[..509]), (fits + ",y=1", fits),
            (new string('x', 1_000_000), null) })
        {
            activity.TraceStateString = given;

            var handle = await host.Jobs.EnqueueAsync(new Greet("Ada"), cancellationToken: Cancelled);

            (await handle.GetAsync(Cancelled))!.TraceState.ShouldBe(kept);
        }
    }

    [Fact]
    public async Task A_snapshot_gives_back_all_that_was_asked_for()
    {
        await using var host = await StartClientAsync(static s => s.AddQueue("mail").AddJob<Greet>());
        var options = new EnqueueOptions
        {
            Id = JobId.Parse("01970c9e-8a5c-7f3e-9c1b-2f6d1c0a7e55"),
            Queue = "mail",
            Delay = TimeSpan.FromDays(1),
            Priority = 7,
            UniqueKey = "ada",
            UniqueWhile = UniqueWhile.Waiting,
            ExpiresIn = TimeSpan.FromDays(2),
            Tags = ["red", "green"],
            MaxAttempts = 4,
            TimeLimit = TimeSpan.FromSeconds(90),
        };

        var handle = await host.Jobs.EnqueueAsync(new Greet("Ada"), options, Cancelled);
        for (var end = 0; end < 2; end++)
        {
            var job = (await handle.GetAsync(Cancelled))!;
            (job.Id, job.Queue, job.Priority, job.UniqueKey, job.UniqueWhile, job.MaxAttempts, job.TimeLimit).ShouldBe(
                (options.Id.Value, "mail", 7, "ada", UniqueWhile.Waiting, 4, TimeSpan.FromSeconds(90)), end == 0
                    ? "as it waits"
                    : "as it has ended");
            job.Tags.ShouldBe(["red", "green"]);
            (job.ExpiresAt - job.EnqueuedAt)!.Value.ShouldBe(options.ExpiresIn!.Value, TimeSpan.FromHours(1));
            _ = await handle.CancelAsync("enough", Cancelled);
        }
    }
}

public sealed class TextsInMemory : TextsTests<MemoryJobs>;

public sealed class TextsOnSqlite : TextsTests<SqliteJobs>;

public sealed class TextsOnPostgres : TextsTests<PostgresJobs>;
