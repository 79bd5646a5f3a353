using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Simmer.Tests.Engine;

namespace Simmer.Tests.Enqueue;

public sealed class EnqueueTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private readonly Bench _bench = new();
    private readonly FakeTimeProvider _time = new(Some.Moment);

    [Fact]
    public async Task A_job_is_stored_as_its_options_say()
    {
        await using var host = await StartAsync();
        var id = new JobId(Guid.NewGuid());

        var handle = await host.Jobs.EnqueueAsync(
            new Work("a"),
            new EnqueueOptions
            {
                Id = id, Queue = "MAIL", Delay = TimeSpan.FromMinutes(5), Priority = 9, UniqueKey = "k", ExpiresIn = TimeSpan
                    .FromHours(1), Tags = ["red", "blue"], MaxAttempts = 2,
            },
            Cancelled);

        var job = (await handle.GetAsync(Cancelled))!;
        (handle.Id, handle.State, handle.IsDuplicate).ShouldBe((id, JobState.Scheduled, false));
        (job.Queue, job.State, job.DueAt, job.Priority).ShouldBe(("mail", JobState.Scheduled, Some.Moment.AddMinutes(5), 9));
        (job.UniqueKey, job.ExpiresAt, job.MaxAttempts, job.EnqueuedAt).ShouldBe(("k", Some.Moment.AddHours(1), 2, Some.Moment));
        job.Tags.ShouldBe(["red", "blue"]);
    }

    [Fact]
    public async Task A_delayed_job_runs_when_its_time_has_come_and_not_before()
    {
        await using var host = await StartAsync();
        var handle = await host.Jobs
            .EnqueueAsync(new Work("late", Waits: false), new EnqueueOptions { DueAt = Some.Moment.AddSeconds(60) }, Cancelled);

        _time.Advance(TimeSpan.FromSeconds(59));
        (await handle.GetAsync(Cancelled))!.State.ShouldBe(JobState.Scheduled);
        await _time.Passes(() => _bench.Started("late").IsSet, "the job starts");

        await handle.WaitAsync(Cancelled);
        (await handle.GetAsync(Cancelled))!.StartedAt!.Value.ShouldBeGreaterThanOrEqualTo(Some.Moment.AddSeconds(60));
    }

    [Fact]
    public async Task A_due_time_in_the_past_is_now()
    {
        await using var host = await StartAsync();
        await (await host.Jobs.EnqueueAsync(new Work("a", Waits: false), new EnqueueOptions { DueAt = Some.Moment.AddDays(-1) }, Cancelled))
            .WaitAsync(Cancelled);
    }

    [Fact]
    public async Task Higher_priorities_run_first_and_equals_in_the_order_they_came()
    {
        await using var host = await StartAsync();
        await host.Jobs.EnqueueAsync(new Work("first"), cancellationToken: Cancelled);
        await _bench.Started("first").WaitAsync();

        var handles = new List<JobHandle>();
        foreach (var (name, priority) in new[] { ("low", -5), ("a", 0), ("b", 0), ("high", 10) })
        {
            handles.Add(await host.Jobs.EnqueueAsync(new Work(name, Waits: false), new EnqueueOptions { Priority = priority }, Cancelled));
        }

        _bench.Release("first");
        await Task.WhenAll(handles.Select(static h => h.WaitAsync(Cancelled)));

        _bench.Starts.ShouldBe(["first", "high", "a", "b", "low"]);
    }

    [Fact]
    public async Task An_id_given_twice_enqueues_once()
    {
        await using var host = await StartAsync();
        var options = new EnqueueOptions { Id = new JobId(Guid.NewGuid()) };

        var handles = await Task
            .WhenAll(Enumerable.Range(0, 20).Select(_ => host.Jobs.EnqueueAsync(new Work("a", Waits: false), options, Cancelled)));
        await handles[0].WaitAsync(Cancelled);
        var later = await host.Jobs.EnqueueAsync(new Work("a", Waits: false), options, Cancelled);

        handles.Count(static h => !h.IsDuplicate).ShouldBe(1);
        (later.IsDuplicate, later.State).ShouldBe((true, JobState.Succeeded));
        _bench.Starts.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Many_are_stored_in_their_order_and_give_their_handles_in_it()
    {
        await using var host = await StartAsync();

        var handles = await host.Jobs
            .EnqueueManyAsync(Enumerable.Range(0, 50).Select(static i => new Work($"{i}", Waits: false)), cancellationToken: Cancelled);
        await Task.WhenAll(handles.Select(static h => h.WaitAsync(Cancelled)));

        _bench.Starts.ShouldBe(Enumerable.Range(0, 50).Select(static i => $"{i}"));
        (await host.Jobs.EnqueueManyAsync(Array.Empty<IJob>(), cancellationToken: Cancelled)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Of_many_all_are_stored_or_none()
    {
        await using var host = await StartAsync();

        await Should.ThrowAsync<ArgumentOutOfRangeException>(host.Jobs.EnqueueManyAsync(
            [(new Work("good"), null), (new Work("bad"), new EnqueueOptions { Delay = TimeSpan.FromSeconds(-1) })], Cancelled));
        await Should.ThrowAsync<QueueFullException>(host.Jobs.EnqueueManyAsync(
            [(new Work("a"), new EnqueueOptions { Queue = "mail" }), (new Work("b"), new EnqueueOptions { Queue = "tiny" }),
                (new Work("c"), new EnqueueOptions { Queue = "tiny" })], Cancelled));

        (await host.Node.Memory.Store.Browser.CountAsync(Cancelled)).ShouldBeEmpty();
        _bench.Starts.ShouldBeEmpty();

        // And the places they had taken are free again.
        host.Node.Memory.Runner.Queue("mail")!.TryEnter(100_000, waiting: 0).ShouldBeTrue();
    }

    [Fact]
    public async Task One_id_for_two_jobs_of_a_call_is_refused()
    {
        await using var host = await StartAsync();
        var options = new EnqueueOptions { Id = new JobId(Guid.NewGuid()) };

        (await Should.ThrowAsync<ArgumentException>(host.Jobs
            .EnqueueManyAsync([(new Work("a"), options), (new Work("b"), options)], Cancelled))).Message
            .ShouldContain("is given to two jobs");
    }

    [Fact]
    public async Task An_id_that_cannot_be_a_jobs_own_is_refused_at_the_call_whatever_the_door()
    {
        await using var host = await StartAsync();
        foreach (var id in new[] { default, WorkflowId.For("order-1").Step(1), WorkflowId.For("order-1").Step(WorkflowId.MaxSteps),
            new JobId(WorkflowId.For("order-1").Value) })
        {
            var options = new EnqueueOptions { Id = id };
            (await Should.ThrowAsync<ArgumentException>(host.Jobs.EnqueueAsync(new Work("a"), options, Cancelled))).Message
                .ShouldContain(id == default ? "is empty" : "is a version 8 UUID");
            _ = await Should.ThrowAsync<ArgumentException>(host.Jobs
                .EnqueueManyAsync([(new Work("a"), null), (new Work("b"), options)], Cancelled));
        }

        (await host.Jobs.EnqueueAsync(Chain.Of(new Work("c", Waits: false)), new WorkflowOptions { Id = WorkflowId.For("order-1") },
            Cancelled)).IsDuplicate.ShouldBeFalse();
    }

    [Fact]
    public async Task The_id_of_a_step_that_is_yet_to_be_added_is_refused_and_the_step_is_added()
    {
        await using var host = await StartAsync();
        var flow = await host.Jobs.EnqueueAsync(Chain.Of(new Work("c")), cancellationToken: Cancelled);

        var refused = await Should
            .ThrowAsync<StoreException>(host.Jobs.EnqueueAsync(new Work("a"), new EnqueueOptions { Id = flow.Id.Step(2) }, Cancelled));

        (refused.IsTransient, refused.OutcomeUnknown).ShouldBe((false, false));
        refused.Message.ShouldContain($"belongs to workflow {flow.Id}");
        _bench.Release("c");
        (await flow.WaitAsync(Cancelled)).State.ShouldBe(WorkflowState.Succeeded);
    }

    [Fact]
    public async Task An_expired_job_is_cancelled_and_never_starts()
    {
        await using var host = await StartAsync();
        await host.Jobs.EnqueueAsync(new Work("first"), cancellationToken: Cancelled);
        await _bench.Started("first").WaitAsync();
        var handle = await host.Jobs
            .EnqueueAsync(new Work("stale"), new EnqueueOptions { ExpiresIn = TimeSpan.FromSeconds(10) }, Cancelled);

        _time.Advance(TimeSpan.FromSeconds(11));
        _bench.Release("first");
        var job = await host.Jobs.WaitAsync(handle.Id, Cancelled);

        (job!.State, job.Reason, job.Run).ShouldBe((JobState.Cancelled, "expired", 0));
        host.Log.Lines.ShouldContain(l => l.EventId == 1015);
    }

    [Fact]
    public async Task After_the_end_nothing_can_be_enqueued()
    {
        var host = await StartAsync();
        var jobs = host.Jobs;
        await host.DisposeAsync();

        await Should.ThrowAsync<ObjectDisposedException>(jobs.EnqueueAsync(new Work("a"), cancellationToken: Cancelled));
    }

    private Task<EngineHost> StartAsync() => EngineHost.StartAsync(
        s => _bench.AddTo(s.AddQueue("default", static q => q.Concurrency = 1).AddQueue("mail")
            .AddQueue("tiny", static q => q.Capacity = 1)),
        b => b.Services.AddSingleton<TimeProvider>(_time));
}
