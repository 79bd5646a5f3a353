using Simmer.Tests.Durable;

namespace Simmer.Tests.Workflows;

/// <summary>Each step has options of its own.</summary>
public abstract class StepOptionsTests(IJobDatabase? database) : WorkflowTest(database)
{
    [Fact]
    public async Task A_delay_counts_from_the_steps_release()
    {
        await using var host = await PlayAsync();
        var handle = await host.Jobs.EnqueueAsync(
            Chain.Of(new Do("a") { Waits = true })
                .Then(new Do("b"), options: new EnqueueOptions { Delay = TimeSpan.FromHours(1) }), cancellationToken: Cancelled);
        await Play.Started("a").WaitAsync();
        (await StatesAsync(handle)).ShouldBe(["do Running", "do-2 Waiting"]);

        Play.Release("a");
        var first = (await host.Jobs.WaitAsync(handle.Id.Step(1), Cancelled))!;

        var second = (await StepAsync(handle, "do-2")).Job;
        second.State.ShouldBe(JobState.Scheduled);
        second.DueAt!.Value.ShouldBe(first.FinishedAt!.Value.AddHours(1), TimeSpan.FromSeconds(1));
        await handle.CancelAsync(cancellationToken: Cancelled);
    }

    [Fact]
    public async Task A_short_delay_passes_and_the_step_runs()
    {
        await using var host = await PlayAsync();
        var delay = TimeSpan.FromMilliseconds(300);

        var handle = await RunAsync(host, Chain.Of(new Do("a")).Then(new Do("b"), options: new EnqueueOptions { Delay = delay }));

        var steps = await handle.GetStepsAsync(Cancelled);
        (steps[1].Job.StartedAt!.Value - steps[0].Job.FinishedAt!.Value).ShouldBeGreaterThanOrEqualTo(delay - TimeSpan.FromMilliseconds(2));
    }

    [Fact]
    public async Task The_first_step_may_be_delayed()
    {
        await using var host = await PlayAsync();

        var handle = await host.Jobs
            .EnqueueAsync(Chain.Of(new Do("a"), options: new EnqueueOptions { Delay = TimeSpan.FromHours(1) }).Then(new Do("b")),
            cancellationToken: Cancelled);

        (await StatesAsync(handle)).ShouldBe(["do Scheduled", "do-2 Waiting"]);
        (await handle.CancelAsync(cancellationToken: Cancelled)).ShouldBe(CancelResult.Cancelled);
    }

    [Fact]
    public async Task A_step_due_at_a_time_starts_then_or_when_it_is_released_if_that_is_later()
    {
        await using var host = await PlayAsync();
        var due = DateTimeOffset.UtcNow.AddHours(1);

        var handle = await host.Jobs.EnqueueAsync(
            Chain.Of(new Do("a"), options: new EnqueueOptions { DueAt = DateTimeOffset.UtcNow.AddHours(-1) })
                .Then(new Do("b"), options: new EnqueueOptions { DueAt = due }), cancellationToken: Cancelled);
        await host.Jobs.WaitAsync(handle.Id.Step(1), Cancelled);

        var second = (await StepAsync(handle, "do-2")).Job;
        second.State.ShouldBe(JobState.Scheduled);
        second.DueAt!.Value.ShouldBe(due, TimeSpan.FromMilliseconds(1));
        await handle.CancelAsync(cancellationToken: Cancelled);
    }

    [Fact]
    public async Task Queue_priority_attempts_and_tags_are_the_steps_own()
    {
        await using var host = await PlayAsync(static s => s.AddQueue("side"));

        var handle = await RunAsync(host, Chain.Of(new Do("a"))
            .Then(new Do("b"), options: new EnqueueOptions { Queue = "side", Priority = 7, MaxAttempts = 9, Tags = ["x"] })
            .Finally(new Do("c"), options: new EnqueueOptions { Queue = "side" }));

        var steps = await handle.GetStepsAsync(Cancelled);
        (steps[0].Job.Queue, steps[0].Job.Priority, steps[0].Job.MaxAttempts).ShouldBe(("default", 0, 1));
        (steps[1].Job.Queue, steps[1].Job.Priority, steps[1].Job.MaxAttempts, steps[1].Job.Tags.Single()).ShouldBe(("side", 7, 9, "x"));
        steps[2].Job.Queue.ShouldBe("side");
    }

    [Fact]
    public async Task A_step_has_a_time_limit_of_its_own()
    {
        await using var host = await PlayAsync();

        var handle = await RunAsync(
            host, Chain.Of("slow", new Do("slow") { Waits = true },
                options: new EnqueueOptions { TimeLimit = TimeSpan.FromMilliseconds(100) }).Then(new Do("b")), WorkflowState.Failed);

        (await StepAsync(handle, "slow")).Job.Errors[^1].Type.ShouldBe(ErrorTypes.TimeLimit);
    }

    [Fact]
    public async Task A_step_is_tried_as_often_as_it_says()
    {
        await using var host = await PlayAsync(s => s.AddJob(
            (Custom _, JobContext context, CancellationToken _) =>
            {
                Play.Notes.Enqueue($"{context.Attempt} of {context.MaxAttempts}");
                throw new InvalidOperationException("no");
            },
            static o => o.Retry = RetryPolicy.Immediate));

        await RunAsync(host, Chain.Of(new Custom("x"), options: new EnqueueOptions { MaxAttempts = 3 }), WorkflowState.Failed);

        Play.Notes.ShouldBe(["1 of 3", "2 of 3", "3 of 3"]);
    }

    [Fact]
    public async Task A_step_on_a_queue_without_a_worker_waits_there()
    {
        await using var host = await PlayAsync(static s => s.AddQueue("video", static q => q.Requires.Add("ffmpeg")));

        var handle = await host.Jobs.EnqueueAsync(
            Chain.Of(new Do("a")).Then(new Do("b"), options: new EnqueueOptions { Queue = "video" })
                .Then(new Do("c")), cancellationToken: Cancelled);
        await host.Jobs.WaitAsync(handle.Id.Step(1), Cancelled);

        (await StatesAsync(handle)).ShouldBe(["do Succeeded", "do-2 Ready", "do-3 Waiting"]);
        (await handle.GetAsync(Cancelled))!.State.ShouldBe(WorkflowState.Running);
        await handle.CancelAsync(cancellationToken: Cancelled);
    }
}
