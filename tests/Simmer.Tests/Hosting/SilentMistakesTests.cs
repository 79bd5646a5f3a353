using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Simmer.Tests.Durable;
using Simmer.Tests.Engine;

namespace Simmer.Tests.Hosting;

/// <summary>Mistakes that would otherwise go unnoticed: an exception in Development, one warning elsewhere.</summary>
public sealed class SilentMistakesTests
{
    private const int Mistake = 1040;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Development")]
    [InlineData("Production")]
    public async Task Tasks_of_the_root_scope_would_start_at_the_end_of_the_process(string environment)
    {
        var log = new LogLines();
        await using var services = Services(environment, log);

        var fromRoot = Record.Exception(() => services.GetRequiredService<BackgroundTasks>());
        var fromSingleton = Record.Exception(() => services.GetRequiredService<Keeper>());

        if (environment == "Development")
        {
            fromRoot.ShouldBeOfType<InvalidOperationException>().Message.ShouldContain("IBackgroundTaskQueue");
            fromSingleton.ShouldBeOfType<InvalidOperationException>().Message.ShouldBe(fromRoot.Message);
            return;
        }

        fromRoot.ShouldBeNull();
        fromSingleton.ShouldBeNull();
        log.Lines.Where(static l => l.EventId == Mistake).ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            static l => l.Level.ShouldBe(LogLevel.Warning),
            static l => l.Text.ShouldContain("singleton"));
    }

    [Theory]
    [InlineData("Development")]
    [InlineData("Production")]
    public async Task Those_of_a_scope_that_ends_are_none_of_it(string environment)
    {
        var log = new LogLines();
        await using var services = Services(environment, log);

        await using (var scope = services.CreateAsyncScope())
        {
            scope.ServiceProvider.GetRequiredService<BackgroundTasks>().Count.ShouldBe(0);
        }

        log.Lines.ShouldNotContain(static l => l.EventId == Mistake);
    }

    [Fact]
    public async Task A_task_whose_service_is_missing_is_refused_when_it_is_added()
    {
        await using var services = Services("Production", new LogLines());
        await using var scope = services.CreateAsyncScope();
        var tasks = scope.ServiceProvider.GetRequiredService<BackgroundTasks>();

        foreach (var add in new Action[]
        {
            () => tasks.Add(static (Unregistered _) => Task.CompletedTask),
            () => tasks.Add(static (ILoggerFactory _, Unregistered _, CancellationToken _) => Task.CompletedTask),
            () => tasks.Add(static (Unregistered _) => ValueTask.CompletedTask),
            () => tasks.Add(static (Unregistered _) => { }),
            () => tasks.Add(7, static (int _, Unregistered _) => Task.CompletedTask),
            () => tasks.Add((string?)null, static (string? _, Unregistered _, CancellationToken _) => { }),
        })
        {
            Should.Throw<InvalidOperationException>(add).Message.ShouldContain("takes an Unregistered, which is no registered service");
        }

        tasks.Count.ShouldBe(0);
        tasks.Add(new Unregistered(), static (Unregistered _) => { });
        tasks.Add(static (ILoggerFactory _, IServiceProvider _) => Task.CompletedTask);
        tasks.Add(static (IEnumerable<ILoggerProvider> _, CancellationToken _) => Task.CompletedTask);
        tasks.Count.ShouldBe(3);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(2, true)]
    public async Task Handlers_that_wait_for_jobs_of_their_own_full_queue_are_told_of(int slots, bool durable)
    {
        IJobClient jobs = null!;
        await using var database = new SqliteJobs();
        await using var host = await EngineHost
            .StartAsync(s => (durable ? database.Use(s) : s).AddQueue("default", q => q.Concurrency = slots)
            .AddJob(async (Parent _, CancellationToken token) =>
                await (await jobs.EnqueueAsync(new Greet("child"), cancellationToken: token)).WaitAsync(token))
            .AddJob(static (Greet _, CancellationToken _) => Task.CompletedTask));
        jobs = host.Jobs;
        await ShouldTellOfAFullQueueAsync(host, slots);
    }

    /// <summary>Every slot is taken by a handler that waits, and the log warns of it once.</summary>
    private static async Task ShouldTellOfAFullQueueAsync(EngineHost host, int slots)
    {
        var told = new Signal();
        host.Log.Heard = line =>
        {
            if (line.EventId == Mistake)
            {
                told.Set();
            }
        };

        var parents = await host.Jobs
            .EnqueueManyAsync(Enumerable.Range(0, slots).Select(static _ => (IJob)new Parent()), cancellationToken: Cancelled);

        await told.WaitAsync();
        host.Log.Lines.Single(static l => l.EventId == Mistake).Text.ShouldSatisfyAllConditions(
            static t => t.ShouldContain("queue 'default'"),
            t => t.ShouldContain($"which has no free slot here (Concurrency {slots})"));
        foreach (var parent in parents)
        {
            await parent.CancelAsync(cancellationToken: Cancelled);
        }
    }

    [Theory]
    [InlineData(1, "flow")]
    [InlineData(2, "flow")]
    [InlineData(2, "flow and job")]
    [InlineData(1, "step")]
    [InlineData(1, "client")]
    public async Task Handlers_that_wait_for_workflows_with_steps_in_their_own_full_queue_are_told_of(int slots, string way)
    {
        IJobClient jobs = null!;
        var count = 0;
        await using var host = await EngineHost.StartAsync(s => s.AddQueue("default", q => q.Concurrency = slots).AddQueue("side")
            .AddJob(async (Parent _, CancellationToken token) =>
            {
                if (way == "flow and job" && Interlocked.Increment(ref count) == 1)
                {
                    await (await jobs.EnqueueAsync(new Greet("child"), cancellationToken: token)).WaitAsync(token);
                    return;
                }

                // The first step has another queue, so that the next one is ready only when the handler waits.
                var flow = await jobs.EnqueueAsync(Chain.Of(new Greet("aside"), options: new EnqueueOptions { Queue = "side" })
                    .Then(new Greet("child")).Then(new Greet("last")), cancellationToken: token);
                Task waits = way switch
                {
                    "step" => jobs.WaitAsync(flow.Id.Step(3), token),
                    "client" => jobs.WaitAsync(flow.Id, token),
                    _ => flow.WaitAsync(token),
                };
                await waits;
            })
            .AddJob(static (Greet _, CancellationToken _) => Task.CompletedTask));
        jobs = host.Jobs;
        await ShouldTellOfAFullQueueAsync(host, slots);
    }

    [Fact]
    public void A_text_that_is_told_once_is_made_once()
    {
        var log = new LogLines();
        using var services = Services("Production", log);
        var mistakes = services.GetRequiredService<Simmer.Diagnostics.Mistakes>();
        var made = 0;
        for (var i = 0; i < 3; i++)
        {
            mistakes.Warn("key", 7, n => $"{n}, made {++made} times");
        }

        log.Lines.Where(static l => l.EventId == Mistake).ShouldHaveSingleItem().Text.ShouldContain("7, made 1 times");
    }

    [Theory]
    [InlineData("Simmer:Sqlite:Synchronos", "Full", "did you mean 'Synchronous'?")]
    [InlineData("Simmer:Sqlit", "app.db", "did you mean 'Sqlite'?")]
    [InlineData("Simmer:Sqlite:Path", "app.db", "known are ConnectionString, Synchronous, LockTimeout")]
    [InlineData("Simmer:Sqlite:LockTimeout", "5", "it takes a time such as 00:00:15")]
    [InlineData("Simmer:Postgres:LockTimeout", "5", "it takes a time such as 00:00:15")]
    [InlineData("Simmer:Postgres:Wakeups", "Poll", "did you mean 'Wakeup'?")]
    [InlineData("Simmer:Sqlite", "Data Source=app.db", "it takes no value")]
    [InlineData("Simmer:Worker", "mail", "it takes no value")]
    [InlineData("Simmer:Queues:default", "3", "it takes no value")]
    public async Task A_key_that_would_be_ignored_is_refused_at_start(string key, string value, string why)
    {
        await using var database = new SqliteJobs();

        var error = await Should.ThrowAsync<Exception>(async () => await EngineHost.StartAsync(
            s => (key.Contains("Postgres", StringComparison.Ordinal) ? s.UsePostgres("Host=nowhere") : database.Use(s)).AddQueue("default"),
            b => b.Configuration.AddInMemoryCollection([new(key, value)])));

        error.Message.ShouldContain($"'{key}'");
        error.Message.ShouldContain(why);
    }

    private static ServiceProvider Services(string environment, LogLines log)
    {
        var services = new ServiceCollection().AddLogging(l => l.AddProvider(log)).AddSingleton<Keeper>()
            .AddSingleton<IHostEnvironment>(Host.CreateEmptyApplicationBuilder(new() { EnvironmentName = environment }).Environment);
        services.AddSimmerCore();
        return services.BuildServiceProvider();
    }

    public sealed record Parent : IJob;

    private sealed class Keeper(BackgroundTasks tasks)
    {
        public BackgroundTasks Tasks => tasks;
    }

    private sealed class Unregistered;
}
