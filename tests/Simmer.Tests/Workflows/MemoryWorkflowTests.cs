using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Simmer.Tests.Engine;

namespace Simmer.Tests.Workflows;

/// <summary>Behaviour that only workflows in memory have.</summary>
public sealed class MemoryWorkflowTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private readonly Play _play = new();

    [Fact]
    public async Task At_a_shutdown_what_is_lost_is_told_by_name_and_count()
    {
        await using var host = await EngineHost.StartAsync(s => _play.AddTo(s));
        await host.Jobs.EnqueueAsync(Chain.Of(new Do("a") { Waits = true }).Then(Group.Of(new Do("b"), new Do("c"), new Measure(1)))
            .Then(new AddUp()), cancellationToken: Cancelled);
        await _play.Started("a").WaitAsync();

        await host.StopNowAsync();

        host.Log.Lines.Single(static l => l.EventId == 1004).Text
            .ShouldBe("In-memory jobs that did not finish before the shutdown are lost: 5 (do × 3, measure × 1, add-up × 1). Jobs in a "
            + "durable queue outlive the process");
    }

    [Fact]
    public async Task A_shutdown_with_time_runs_the_workflow_to_its_end()
    {
        await using var host = await EngineHost.StartAsync(s => _play.AddTo(s));
        await host.Jobs.EnqueueAsync(Chain.Of(new Do("a") { Waits = true }).Then(new Do("b")).Then(new Do("c")),
            cancellationToken: Cancelled);
        await _play.Started("a").WaitAsync();

        var stopping = host.StopAsync();
        _play.Release("a");
        await stopping;

        _play.Notes.ShouldBe(["a", "b", "c"]);
        host.Log.Lines.ShouldNotContain(static l => l.EventId == 1004);
    }

    [Fact]
    public async Task A_full_queue_refuses_the_whole_workflow_and_keeps_no_place_taken()
    {
        await using var host = await EngineHost.StartAsync(s => _play.AddTo(s
            .AddQueue("default", static q => (q.Concurrency, q.Capacity) = (1, 3))
            .AddQueue("other", static q => (q.Concurrency, q.Capacity) = (1, 2))));
        var other = new EnqueueOptions { Queue = "other" };
        var tooLarge = Chain.Of(new Do("1"), options: other).Then(new Do("2"), options: other)
            .Then(Group.Of(Enumerable.Range(0, 4).Select(static i => new Do($"{i}"))));

        for (var i = 0; i < 10; i++)
        {
            var full = await Should.ThrowAsync<QueueFullException>(host.Jobs.EnqueueAsync(tooLarge, cancellationToken: Cancelled));
            (full.Queue, full.Capacity).ShouldBe(("default", 3));
        }

        foreach (var engine in host.Node.Engines.All)
        {
            (await engine.Store.Browser.CountAsync(Cancelled)).ShouldBeEmpty();
        }

        var fits = Chain.Of(new Do("a"), options: other).Then(new Do("b"), options: other)
            .Then(Group.Of(new Do("c"), new Do("d"), new Do("e")));
        await (await host.Jobs.EnqueueAsync(fits, cancellationToken: Cancelled)).WaitAsync(Cancelled);
        await (await host.Jobs.EnqueueAsync(fits, cancellationToken: Cancelled)).WaitAsync(Cancelled);
        _play.Notes.Count.ShouldBe(10);
    }

    [Fact]
    public async Task Steps_that_wait_count_against_the_capacity()
    {
        await using var host = await EngineHost
            .StartAsync(s => _play.AddTo(s.AddQueue("default", static q => (q.Concurrency, q.Capacity) = (1, 3))));
        var handle = await host.Jobs
            .EnqueueAsync(Chain.Of(new Do("a") { Waits = true }).Then(new Do("b")).Then(new Do("c")), cancellationToken: Cancelled);
        await _play.Started("a").WaitAsync();
        await host.Jobs.EnqueueAsync(new Do("d"), cancellationToken: Cancelled);

        await Should.ThrowAsync<QueueFullException>(host.Jobs.EnqueueAsync(new Do("e"), cancellationToken: Cancelled));

        _play.Release("a");
        await handle.WaitAsync(Cancelled);
    }

    [Fact]
    public async Task A_delay_counts_from_the_release_however_long_that_takes()
    {
        var time = new FakeTimeProvider(Some.Moment);
        await using var host = await EngineHost
            .StartAsync(s => _play.AddTo(s.Configure(static o => o.DefaultTimeLimit = TimeSpan.FromDays(1))),
            b => b.Services.AddSingleton<TimeProvider>(time));
        var handle = await host.Jobs.EnqueueAsync(
            Chain.Of(new Do("a") { Waits = true }).Then(new Do("b"), options: new EnqueueOptions { Delay = TimeSpan.FromHours(1) })
                .Then(new Do("c")), cancellationToken: Cancelled);
        await _play.Started("a").WaitAsync();

        // Longer than the delay. If that counted from the enqueue, it would be over.
        time.Advance(TimeSpan.FromHours(2));
        _play.Release("a");
        await time.Passes(host.Jobs.WaitAsync(handle.Id.Step(1), Cancelled), "the first step ends");
        var second = (await handle.GetStepsAsync(Cancelled))[1].Job;
        second.State.ShouldBe(JobState.Scheduled);
        second.DueAt!.Value.ShouldBe(Some.Moment.AddHours(3), TimeSpan.FromMinutes(1));

        await time.Passes(handle.WaitAsync(Cancelled), "the delay passes", stepSeconds: 60);
        var steps = await handle.GetStepsAsync(Cancelled);
        steps[1].Job.StartedAt!.Value.ShouldBeGreaterThanOrEqualTo(second.DueAt.Value);
        _play.Notes.ShouldBe(["a", "b", "c"]);
    }

    [Fact]
    public async Task A_step_that_is_released_after_it_has_expired_is_cancelled_and_what_follows_is_skipped()
    {
        var time = new FakeTimeProvider(Some.Moment);
        await using var host = await EngineHost
            .StartAsync(s => _play.AddTo(s.Configure(static o => o.DefaultTimeLimit = TimeSpan.FromDays(1))),
            b => b.Services.AddSingleton<TimeProvider>(time));
        var handle = await host.Jobs.EnqueueAsync(
            Chain.Of(new Do("a") { Waits = true }).Then(new Do("b"), options: new EnqueueOptions { ExpiresIn = TimeSpan.FromHours(1) })
                .Then(new Do("c")).Finally(new Do("end")), cancellationToken: Cancelled);
        await _play.Started("a").WaitAsync();

        time.Advance(TimeSpan.FromHours(2));
        _play.Release("a");
        var end = await time.Passes(host.Jobs.WaitAsync(handle.Id, Cancelled), "the workflow ends");

        end!.State.ShouldBe(WorkflowState.Cancelled);
        var steps = await handle.GetStepsAsync(Cancelled);
        steps.Select(static s => s.Job.State).ShouldBe([JobState.Succeeded, JobState.Cancelled, JobState.Skipped, JobState.Succeeded]);
        steps[1].Job.Reason.ShouldBe("expired");
        _play.Notes.ShouldBe(["a", "end"]);
    }

    [Fact]
    public async Task A_result_in_memory_is_the_object_itself()
    {
        var receipt = new Receipt("R");
        Receipt? taken = null;
        await using var host = await EngineHost.StartAsync(s => s
            .AddJob((Pay _, CancellationToken _) => Task.FromResult(receipt))
            .AddJob((Ship _, Receipt given, CancellationToken _) =>
            {
                taken = given;
                return Task.CompletedTask;
            }));

        await (await host.Jobs.EnqueueAsync(Chain.Of(new Pay("1")).Then(new Ship()), cancellationToken: Cancelled)).WaitAsync(Cancelled);

        taken.ShouldBeSameAs(receipt);
    }
}
