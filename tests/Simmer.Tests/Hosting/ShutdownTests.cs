using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Simmer.AfterResponse;
using Simmer.Tests.Engine;

namespace Simmer.Tests.Hosting;

public sealed class ShutdownTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private readonly ShakyStore _store = new();
    private readonly Bench _bench = new();
    private readonly Bench _next = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_runs_is_finished(bool durable)
    {
        await using var host = await StartAsync(_bench, durable);
        var handle = await host.Jobs.EnqueueAsync(new Work("a"), cancellationToken: Cancelled);
        await _bench.Started("a").WaitAsync();

        var stopping = host.StopAsync();
        stopping.IsCompleted.ShouldBeFalse();
        _bench.Release("a");
        await stopping;

        (await StateAsync(host, handle.Id)).ShouldBe(JobState.Succeeded);
    }

    [Fact]
    public async Task In_memory_what_waits_is_run_to_the_end_too()
    {
        await using var host = await StartAsync(_bench, durable: false);
        await host.Jobs.EnqueueManyAsync(Enumerable.Range(0, 200).Select(static i => new Work($"{i}", Waits: false)),
            cancellationToken: Cancelled);

        await host.StopAsync();

        _bench.Starts.Count.ShouldBe(200);
        host.Log.Lines.ShouldNotContain(static l => l.EventId == 1004);
    }

    [Fact]
    public async Task At_the_deadline_what_runs_is_stopped_and_no_attempt_is_spent()
    {
        JobId id;
        await using (var host = await StartAsync(_bench, durable: true))
        {
            id = (await host.Jobs.EnqueueAsync(new Work("a"), new EnqueueOptions { MaxAttempts = 1 }, Cancelled)).Id;
            await _bench.Started("a").WaitAsync();
            await host.StopNowAsync();
            host.Log.Lines.ShouldContain(static l => l.EventId == 1003);
        }

        var left = (await _store.Inner.Browser.GetAsync([id], Cancelled))[0]!;
        (left.State, left.Errors.Count).ShouldBe((JobState.Ready, 0));

        await using var next = await StartAsync(_next, durable: true);
        _next.Release("a");
        var job = (await next.Jobs.WaitAsync(id, Cancelled))!;
        (job.State, job.Attempt).ShouldBe((JobState.Succeeded, 1));
    }

    [Fact]
    public async Task Nothing_that_waits_ahead_starts_once_the_shutdown_began()
    {
        await using var host = await StartAsync(_bench, durable: true);
        await host.Jobs.EnqueueManyAsync(Enumerable.Range(0, 10).Select(static i => new Work($"{i}")), cancellationToken: Cancelled);
        await Until.True(() => _bench.Running == 2, "the slots are used");

        var stopping = host.StopAsync();
        foreach (var i in Enumerable.Range(0, 10))
        {
            _bench.Release($"{i}");
        }

        await stopping;
        _bench.Starts.Count.ShouldBe(2);
        var counts = await _store.Inner.Browser.CountAsync(Cancelled);
        counts.Single(static c => c.State == JobState.Ready).Count.ShouldBe(8);
        counts.ShouldNotContain(static c => c.State == JobState.Running);
    }

    [Fact]
    public async Task The_worker_signs_off()
    {
        await using var host = await StartAsync(_bench, durable: true);
        (await _store.Inner.Browser.WorkersAsync(DateTimeOffset.UnixEpoch, Cancelled)).Count.ShouldBe(1);

        await host.StopAsync();

        (await _store.Inner.Browser.WorkersAsync(DateTimeOffset.UnixEpoch, Cancelled)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Durable_jobs_can_be_enqueued_until_the_end_and_leave_no_worker_behind()
    {
        JobId id;
        await using (var host = await StartAsync(_bench, durable: true))
        {
            await host.StopAsync();
            id = (await host.Jobs.EnqueueAsync(new Work("late", Waits: false), cancellationToken: Cancelled)).Id;
        }

        _bench.Starts.ShouldBeEmpty();
        (await _store.Inner.Browser.WorkersAsync(DateTimeOffset.UnixEpoch, Cancelled)).ShouldBeEmpty();
        await using var next = await StartAsync(_next, durable: true);
        (await next.Jobs.WaitAsync(id, Cancelled))!.State.ShouldBe(JobState.Succeeded);
    }

    [Fact]
    public async Task In_memory_jobs_that_did_not_finish_are_spilled_and_run_after_the_next_start()
    {
        List<JobId> ids = [];
        await using (var host = await StartAsync(_bench, durable: true))
        {
            var memory = new EnqueueOptions { Queue = "memory" };
            foreach (var name in new[] { "a", "b", "c", "d" })
            {
                ids.Add((await host.Jobs.EnqueueAsync(new Work(name), memory, Cancelled)).Id);
            }

            ids.Add((await host.Jobs
                .EnqueueAsync(new Work("later"), memory with { Delay = TimeSpan.FromMilliseconds(1500) }, Cancelled)).Id);
            await _bench.Started("a").WaitAsync();
            await host.StopNowAsync();

            host.Log.Lines.Single(static l => l.EventId == 1005).Text
                .ShouldBe("In-memory jobs were spilled to the durable store, to run after the next start: 5");
            host.Log.Lines.ShouldNotContain(static l => l.EventId == 1004);
            (await Should.ThrowAsync<ObjectDisposedException>(host.Jobs.EnqueueAsync(new Work("z"), memory, Cancelled))).Message
                .ShouldContain("Simmer has stopped");
        }

        await using var next = await StartAsync(_next, durable: true);
        foreach (var name in new[] { "a", "b", "c", "d", "later" })
        {
            _next.Release(name);
        }

        foreach (var id in ids)
        {
            (await next.Jobs.WaitAsync(id, Cancelled))!.State.ShouldBe(JobState.Succeeded);
        }

        _next.Most.ShouldBeLessThanOrEqualTo(2);
    }

    [Fact]
    public async Task Without_a_database_what_is_lost_is_told_by_name_and_count()
    {
        await using var host = await StartAsync(_bench, durable: false);
        for (var i = 0; i < 5; i++)
        {
            await host.Jobs.EnqueueAsync(new Work($"{i}"), cancellationToken: Cancelled);
        }

        await Until.True(() => _bench.Running == 2, "the slots are used");
        await host.StopNowAsync();

        host.Log.Lines.Single(static l => l.EventId == 1004).Text
            .ShouldBe(
            "In-memory jobs that did not finish before the shutdown are lost: 5 (work × 5). Jobs in a durable queue outlive the process");
    }

    [Fact]
    public async Task Of_after_response_tasks_that_did_not_run_the_typed_ones_are_spilled_and_the_delegates_are_named()
    {
        var started = new Signal();
        await using var host = await StartAsync(_bench, durable: true,
            static s => s.AddQueue("after-response", static q => q.Concurrency = 1));
        Submit(host, Delegate(async token =>
        {
            started.Set();
            await new Signal().WaitAsync(token);
        }));
        await started.WaitAsync();
        var typed = new AfterResponseTask(null, new EnqueueCommand(new Work("typed", Waits: false), null),
            static (in _, _, _) => Task.CompletedTask, TaskTraits.None);
        Submit(host, Delegate(static _ => Task.CompletedTask), typed);

        await host.StopNowAsync();

        host.Log.Lines.Single(static l => l.EventId == 1005).Text
            .ShouldBe("In-memory jobs were spilled to the durable store, to run after the next start: 1");
        host.Log.Lines.Single(static l => l.EventId == 1004).Text
            .ShouldStartWith("In-memory jobs that did not finish before the shutdown are lost: 1 (");
        (await _store.Inner.Browser.CountAsync(Cancelled)).ShouldHaveSingleItem().ShouldBe(new JobCount("default", JobState.Ready, 1));
    }

    [Fact]
    public async Task A_handler_that_ignores_its_token_is_left_behind_by_name()
    {
        await using var host = await StartAsync(_bench, durable: true);
        await host.Jobs.EnqueueAsync(new Work("a", Ignores: true), cancellationToken: Cancelled);
        await _bench.Started("a").WaitAsync();

        await host.StopNowAsync();

        host.Log.Lines.Single(static l => l.EventId == 1006).Text.ShouldContain("work × 1");
        _bench.Release("a");
    }

    [Fact]
    public async Task Jobs_in_memory_that_nobody_here_can_run_hold_up_no_shutdown()
    {
        await using var host = await EngineHost.StartAsync(static s => s.AddJob<Greet>());
        await host.Jobs.EnqueueAsync(new Greet("Ada"), cancellationToken: Cancelled);

        await host.StopAsync().WaitAsync(TimeSpan.FromSeconds(15), Cancelled);

        host.Log.Lines.Single(static l => l.EventId == 1004).Text.ShouldContain("greet × 1");
    }

    [Fact]
    public async Task A_store_that_is_away_keeps_no_process_from_ending()
    {
        await using var host = await StartAsync(_bench, durable: true);
        _store.IsAway = true;

        await host.StopAsync().WaitAsync(TimeSpan.FromSeconds(20), Cancelled);
    }

    private static SimmerBuilder Configured(SimmerBuilder builder, Action<SimmerBuilder>? configure)
    {
        configure?.Invoke(builder);
        return builder;
    }

    private async Task<JobState?> StateAsync(EngineHost host, JobId id)
    {
        foreach (var engine in host.Node.Engines.All)
        {
            if ((await engine.Store.Browser.GetAsync([id], Cancelled))[0] is { } job)
            {
                return job.State;
            }
        }

        return null;
    }

    private static AfterResponseTask Delegate(Func<CancellationToken, Task> work) =>
        new(work, null, static (in task, _, token) => ((Func<CancellationToken, Task>)task.Work!)(token), TaskTraits.None);

    private static void Submit(EngineHost host, params ReadOnlySpan<AfterResponseTask> tasks)
    {
        var batch = new AfterResponseBatch();
        foreach (var task in tasks)
        {
            batch.Add(task);
        }

        var engine = host.Services.GetRequiredService<IAfterResponseQueue>();
        engine.TryReserve().ShouldBeTrue();
        engine.Submit(batch);
    }

    private Task<EngineHost> StartAsync(Bench bench, bool durable, Action<SimmerBuilder>? configure = null) => EngineHost.StartAsync(
        s => bench.AddTo(Configured(durable ? s.UseStore("shaky", _ => _store) : s, configure)
            .AddQueue("default", static q => q.Concurrency = 2)
            .AddQueue("memory", static q => (q.Concurrency, q.Durability) = (2, Durability.InMemory))),
        static b => b.Services.Configure<HostOptions>(static o => o.ShutdownTimeout = TimeSpan.FromSeconds(10)));
}
