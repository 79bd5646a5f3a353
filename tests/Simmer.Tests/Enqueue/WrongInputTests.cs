using System.Data.Common;
using Microsoft.Extensions.DependencyInjection;
using Simmer.Tests.Engine;

namespace Simmer.Tests.Enqueue;

/// <summary>Misuse is refused at the call, before anything is stored, with what was got and the way out.</summary>
/// <summary>A record that may hold itself.</summary>
public sealed record Knot(string Name, List<Knot> Ends) : IJob;

public sealed class WrongInputTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static TheoryData<EnqueueOptions, string> Bad => new()
    {
        { new() { Delay = TimeSpan.FromSeconds(-1) }, "Delay is negative" },
        { new() { Delay = TimeSpan.Zero, DueAt = Some.Moment }, "Delay and DueAt are both set" },
        { new() { Priority = 1_001 }, "Priority is 1,001; it takes -1,000 to 1,000" },
        { new() { ExpiresIn = TimeSpan.Zero }, "ExpiresIn is 00:00:00; it takes more than zero" },
        { new() { TimeLimit = TimeSpan.FromSeconds(-1) }, "TimeLimit is -00:00:01; it takes 1 millisecond or more" },
        { new() { MaxAttempts = 0 }, "MaxAttempts is 0; it takes 1 to" },
        { new() { UniqueKey = "" }, "it takes 1 to 200 characters" },
        { new() { UniqueKey = new string('k', 201) }, "(201 characters)" },
        { new() { UniqueKey = "a\0b" }, "without NUL" },
        { new() { Tags = [.. Enumerable.Range(0, 21).Select(static i => $"{i}")] }, "The job has 21 tags; at most 20 are allowed." },
        { new() { Tags = [new string('t', 101)] }, "it takes 1 to 100 characters" },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public async Task Bad_options(EnqueueOptions options, string message)
    {
        await using var host = await EngineHost.StartAsync(static s => s.AddJob<Greet>());

        (await Should.ThrowAsync<ArgumentException>(host.Jobs.EnqueueAsync(new Greet("Ada"), options, Cancelled))).Message
            .ShouldContain(message);
        (await host.Node.Memory.Store.Browser.CountAsync(Cancelled)).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_longest_delay_and_expiry_mean_never()
    {
        await using var host = await EngineHost.StartAsync(static s => s.AddJob<Greet>());

        var job = await (await host.Jobs
            .EnqueueAsync(new Greet("Ada"), new EnqueueOptions { Delay = TimeSpan.MaxValue, ExpiresIn = TimeSpan.MaxValue }, Cancelled))
            .GetAsync(Cancelled);

        (job!.State, job.DueAt).ShouldBe((JobState.Scheduled, DateTimeOffset.MaxValue));
    }

    [Fact]
    public async Task A_queue_that_nobody_declared()
    {
        await using var host = await EngineHost.StartAsync(static s => s.AddQueue("mail").AddJob<Greet>());

        (await Should.ThrowAsync<InvalidOperationException>(host.Jobs
            .EnqueueAsync(new Greet("Ada"), new EnqueueOptions { Queue = "mial" }, Cancelled)))
            .Message.ShouldBe("Queue 'mial' is not declared; did you mean 'mail'? Declare it with AddQueue(\"mial\").");
    }

    [Fact]
    public async Task A_job_that_nobody_registered()
    {
        await using var host = await EngineHost.StartAsync(static _ => { });

        (await Should.ThrowAsync<InvalidOperationException>(host.Jobs.EnqueueAsync(new Greet("Ada"), cancellationToken: Cancelled))).Message
            .ShouldContain("Job Greet is not registered. Register it with AddJob<Greet, ...>()");
        (await Should.ThrowAsync<InvalidOperationException>(host.Jobs
            .EnqueueAsync(new TakePayment(1), cancellationToken: Cancelled))).Message.ShouldContain("Job TakePayment is not registered");
    }

    [Fact]
    public async Task Nothing_at_all()
    {
        await using var host = await EngineHost.StartAsync(static s => s.AddJob<Greet>());

        await Should.ThrowAsync<ArgumentNullException>(host.Jobs.EnqueueAsync((IJob)null!, cancellationToken: Cancelled));
        await Should.ThrowAsync<ArgumentNullException>(() => host.Jobs
            .EnqueueManyAsync((IEnumerable<IJob>)null!, cancellationToken: Cancelled));
    }

    [Fact]
    public async Task An_id_or_a_key_for_many()
    {
        await using var host = await EngineHost.StartAsync(static s => s.AddJob<Greet>());

        (await Should.ThrowAsync<ArgumentException>(() => host.Jobs
            .EnqueueManyAsync([new Greet("a")], new EnqueueOptions { UniqueKey = "k" }, Cancelled))).Message
            .ShouldContain("belongs to one job");
        (await Should.ThrowAsync<ArgumentException>(() => host.Jobs
            .EnqueueManyAsync([new Greet("a")], new EnqueueOptions { Id = default(JobId) }, Cancelled))).Message
            .ShouldContain("belongs to one job");
    }

    [Fact]
    public async Task A_payload_over_the_limit()
    {
        await using var host = await EngineHost
            .StartAsync(static s => s.UseStore("shaky", static _ => new ShakyStore()).Configure(static o => o.MaxPayloadBytes = 20)
            .AddJob<Greet>());

        (await Should.ThrowAsync<ArgumentException>(host.Jobs.EnqueueAsync(new Greet(new string('a', 20)), cancellationToken: Cancelled)))
            .Message.ShouldContain("Job 'greet' takes 31 bytes; at most 20 are allowed (MaxPayloadBytes).");
    }

    [Fact]
    public async Task A_transaction_without_a_database()
    {
        await using var host = await EngineHost.StartAsync(static s => s.AddJob<Greet>());

        Should.Throw<ArgumentNullException>(() => host.Jobs.Within(null!));
        Should.Throw<InvalidOperationException>(() => host.Jobs.Within(new NoTransaction())).Message
            .ShouldContain("no database is configured that could share it");
    }

    private sealed class NoTransaction : DbTransaction
    {
        public override System.Data.IsolationLevel IsolationLevel => default;

        protected override DbConnection? DbConnection => null;

        public override void Commit()
        {
            // Never reached.
        }

        public override void Rollback()
        {
            // Never reached.
        }
    }

    [Fact]
    public async Task A_record_that_holds_itself_is_refused_with_the_job_and_where()
    {
        var folder = Directory.CreateTempSubdirectory("simmer");
        await using (var host = await EngineHost
            .StartAsync(s => s.UseSqlite($"Data Source={Path.Combine(folder.FullName, "jobs.db")};Pooling=False")
            .Configure(static o => o.Worker.Enabled = false).AddJob<Knot>()))
        {
            var knot = new Knot("loop", []);
            knot.Ends.Add(knot);

            var error = await Should
                .ThrowAsync<ArgumentException>(() => host.Jobs
                .EnqueueAsync(knot, cancellationToken: TestContext.Current.CancellationToken));

            error.Message.ShouldContain("'knot'");
            error.Message.ShouldContain("$.ends");
            error.Message.Length.ShouldBeLessThan(600);
        }

        folder.Delete(recursive: true);
    }
}
