using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Simmer.Tests.Engine;

namespace Simmer.Tests.Enqueue;

/// <summary>Looking a job up, cancelling it, running it again.</summary>
public sealed class SteeringTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private readonly Bench _bench = new();

    [Fact]
    public async Task A_waiting_job_is_cancelled_at_once()
    {
        await using var host = await StartAsync();
        var handle = await host.Jobs.EnqueueAsync(new Work("a"), new EnqueueOptions { Delay = TimeSpan.FromHours(1) }, Cancelled);

        (await handle.CancelAsync("changed my mind", Cancelled)).ShouldBe(CancelResult.Cancelled);

        var job = (await handle.GetAsync(Cancelled))!;
        (job.State, job.Reason).ShouldBe((JobState.Cancelled, "changed my mind"));
        (await Should.ThrowAsync<JobFailedException>(handle.WaitAsync(Cancelled))).Message
            .ShouldContain("ended Cancelled: changed my mind");
    }

    [Fact]
    public async Task A_running_job_is_told_to_stop_and_ends_with_the_reason_given()
    {
        await using var host = await StartAsync();
        var handle = await host.Jobs.EnqueueAsync(new Work("a"), cancellationToken: Cancelled);
        await _bench.Started("a").WaitAsync();

        (await handle.CancelAsync("too slow", Cancelled)).ShouldBe(CancelResult.Requested);
        var job = await host.Jobs.WaitAsync(handle.Id, Cancelled);

        (job!.State, job.Reason, job.CancelRequested).ShouldBe((JobState.Cancelled, "too slow", false));
        (await handle.CancelAsync(cancellationToken: Cancelled)).ShouldBe(CancelResult.AlreadyFinished);
    }

    [Fact]
    public async Task A_success_that_came_after_the_cancel_wins()
    {
        await using var host = await StartAsync();
        var handle = await host.Jobs.EnqueueAsync(new Work("a", Ignores: true), cancellationToken: Cancelled);
        await _bench.Started("a").WaitAsync();

        (await handle.CancelAsync(cancellationToken: Cancelled)).ShouldBe(CancelResult.Requested);
        _bench.Release("a");

        await handle.WaitAsync(Cancelled);
    }

    [Fact]
    public async Task A_cancel_reaches_a_job_at_every_moment_of_its_start()
    {
        await using var host = await StartAsync();
        for (var i = 0; i < 300; i++)
        {
            var options = new EnqueueOptions { Id = new JobId(Guid.NewGuid()) };
            var enqueued = host.Jobs.EnqueueAsync(new Work($"{i}"), options, Cancelled);
            while (await host.Jobs.CancelAsync(options.Id.Value, cancellationToken: Cancelled) == CancelResult.NotFound)
            {
                await Task.Yield();
            }

            await enqueued;
            (await host.Jobs.WaitAsync(options.Id.Value, Cancelled))!.State.ShouldBe(JobState.Cancelled);
        }
    }

    [Fact]
    public async Task What_nobody_knows_cannot_be_found_waited_for_cancelled_or_retried()
    {
        await using var host = await StartAsync();
        var id = new JobId(Guid.NewGuid());

        (await host.Jobs.GetAsync(id, Cancelled)).ShouldBeNull();
        (await host.Jobs.WaitAsync(id, Cancelled)).ShouldBeNull();
        (await host.Jobs.CancelAsync(id, cancellationToken: Cancelled)).ShouldBe(CancelResult.NotFound);
        (await host.Jobs.RetryAsync(id, cancellationToken: Cancelled)).Status.ShouldBe(RetryStatus.NotFound);
    }

    [Fact]
    public async Task A_failed_job_runs_again_with_fresh_attempts()
    {
        var fails = true;
        await using var host = await EngineHost.StartAsync(s => s.AddJob(
            (Greet _, CancellationToken _) => fails ? throw new InvalidOperationException("no") : Task.CompletedTask,
            static o => (o.MaxAttempts, o.Retry) = (2, RetryPolicy.Immediate)));
        var handle = await host.Jobs.EnqueueAsync(new Greet("Ada"), cancellationToken: Cancelled);
        (await host.Jobs.WaitAsync(handle.Id, Cancelled))!.State.ShouldBe(JobState.Failed);

        fails = false;
        (await host.Jobs.RetryAsync(handle.Id, cancellationToken: Cancelled))
            .ShouldBe(new RetryResult(RetryStatus.Retried, JobState.Ready));
        var job = await host.Jobs.WaitAsync(handle.Id, Cancelled);

        (job!.State, job.Run, job.Attempt, job.Errors.Count).ShouldBe((JobState.Succeeded, 3, 1, 2));
        (await host.Jobs.RetryAsync(handle.Id, cancellationToken: Cancelled))
            .ShouldBe(new RetryResult(RetryStatus.NotRetryable, JobState.Succeeded));
    }

    [Fact]
    public async Task A_running_job_cannot_be_run_again()
    {
        await using var host = await StartAsync();
        var handle = await host.Jobs.EnqueueAsync(new Work("a"), cancellationToken: Cancelled);
        await _bench.Started("a").WaitAsync();

        (await host.Jobs.RetryAsync(handle.Id, cancellationToken: Cancelled))
            .ShouldBe(new RetryResult(RetryStatus.NotRetryable, JobState.Running));
        _bench.Release("a");
    }

    [Fact]
    public async Task A_job_whose_key_another_holds_cannot_be_run_again()
    {
        await using var host = await StartAsync();
        var options = new EnqueueOptions { UniqueKey = "k", Delay = TimeSpan.FromHours(1) };
        var first = await host.Jobs.EnqueueAsync(new Work("a"), options, Cancelled);
        await first.CancelAsync(cancellationToken: Cancelled);
        var second = await host.Jobs.EnqueueAsync(new Work("b"), options, Cancelled);

        (await host.Jobs.RetryAsync(first.Id, cancellationToken: Cancelled))
            .ShouldBe(new RetryResult(RetryStatus.Conflict, JobState.Cancelled, second.Id));
    }

    [Fact]
    public async Task A_watcher_sees_rising_versions_up_to_the_end()
    {
        await using var host = await StartAsync();
        var handle = await host.Jobs.EnqueueAsync(new Work("a"), new EnqueueOptions { Delay = TimeSpan.FromSeconds(1) }, Cancelled);
        var seen = new List<JobRecord>();

        await foreach (var job in host.Jobs.WatchAsync(handle.Id, cancellationToken: Cancelled))
        {
            seen.Add(job);
            if (job.State == JobState.Running)
            {
                _bench.Release("a");
            }
        }

        seen[0].State.ShouldBe(JobState.Scheduled);
        seen[^1].State.ShouldBe(JobState.Succeeded);
        seen.Select(static j => j.Version).ShouldBeInOrder(SortDirection.Ascending);
        seen.Select(static j => j.Version).ShouldBeUnique();

        await foreach (var job in host.Jobs.WatchAsync(handle.Id, seen[^1].Version, Cancelled))
        {
            Assert.Fail($"given again: {job.State}");
        }
    }

    [Fact]
    public async Task A_watcher_who_gives_up_is_let_go_at_once()
    {
        // Under a clock that stands still only the cancellation can wake it.
        await using var host = await StartAsync(static b => b.Services.AddSingleton<TimeProvider>(new FakeTimeProvider(Some.Moment)));
        var handle = await host.Jobs.EnqueueAsync(new Work("a"), new EnqueueOptions { Delay = TimeSpan.FromHours(1) }, Cancelled);
        using var patience = new CancellationTokenSource();

        var waiting = host.Jobs.WaitAsync(handle.Id, patience.Token);
        waiting.IsCompleted.ShouldBeFalse();
        patience.Cancel();

        await Should.ThrowAsync<OperationCanceledException>(waiting);
    }

    private Task<EngineHost> StartAsync(Action<Microsoft.Extensions.Hosting.HostApplicationBuilder>? host = null) =>
        EngineHost.StartAsync(s => _bench.AddTo(s), host);
}
