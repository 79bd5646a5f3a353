using Simmer.Storage;

namespace Simmer.StoreTests.Conformance;

[Trait("Rule", "20")]
public abstract class Dispatching<TFactory> : StoreTest<TFactory>
    where TFactory : IStoreFactory, new()
{
    [Fact]
    public async Task A_job_with_nobody_before_it_starts_where_it_was_enqueued()
    {
        var job = Some.Draft();

        (await Worker.DispatchAsync(job)).ShouldBe(new EnqueueReport(EnqueueStatus.Dispatched, job.Id, JobState.Running));

        var record = await GetAsync(job.Id);
        (record.State, record.Run, record.Attempt, record.Worker).ShouldBe((JobState.Running, 1, 1, "worker"));
        (await Worker.SettleAsync(Some.Settlement(new LeaseToken(job.Id, 1)))).Settled.ShouldBeTrue();
    }

    [Fact]
    public async Task It_does_not_overtake_a_ready_job()
    {
        _ = await Worker.EnqueueAsync(Some.Draft());

        (await Worker.DispatchAsync(Some.Draft())).ShouldSatisfyAllConditions(
            r => r.Status.ShouldBe(EnqueueStatus.Stored),
            r => r.State.ShouldBe(JobState.Ready));
    }

    [Fact]
    public async Task It_overtakes_a_lower_priority_only()
    {
        _ = await Worker.EnqueueAsync(Some.Draft(priority: 1));

        (await Worker.DispatchAsync(Some.Draft(priority: 2))).Status.ShouldBe(EnqueueStatus.Dispatched);
        (await Worker.DispatchAsync(Some.Draft(priority: 1))).Status.ShouldBe(EnqueueStatus.Stored);
        (await Worker.DispatchAsync(Some.Draft(priority: 0))).Status.ShouldBe(EnqueueStatus.Stored);
    }

    [Fact]
    public async Task It_does_not_overtake_a_ready_job_of_its_own_flush()
    {
        var report = await Worker.FlushAsync(enqueues: [new(Some.Draft(), true), new(Some.Draft(), false), new(Some.Draft(), true)]);

        report.Enqueues.Select(r => r.Status).ShouldBe([EnqueueStatus.Dispatched, EnqueueStatus.Stored, EnqueueStatus.Stored]);
    }

    [Fact]
    public async Task It_does_not_overtake_a_job_given_back_by_its_own_flush()
    {
        var claim = await Worker.StartAsync(Some.Draft());

        var report = await Worker.FlushAsync(giveBacks: [claim.Token], enqueues: [new(Some.Draft(), true)]);

        report.Enqueues[0].Status.ShouldBe(EnqueueStatus.Stored);
    }

    [Fact]
    public async Task It_does_not_overtake_a_suspect()
    {
        var dying = await NewWorkerAsync();
        _ = await dying.StartAsync(Some.Draft());
        _ = await KillAsync(dying);

        (await Worker.DispatchAsync(Some.Draft())).Status.ShouldBe(EnqueueStatus.Stored);
    }

    [Fact]
    public async Task Running_and_scheduled_jobs_and_other_queues_do_not_hold_it()
    {
        _ = await Worker.StartAsync(Some.Draft());
        _ = await Worker.EnqueueAllAsync(Some.Draft(dueAt: Now.AddHours(1)), Some.Draft(queue: "other"));

        (await Worker.DispatchAsync(Some.Draft())).Status.ShouldBe(EnqueueStatus.Dispatched);
    }

    [Fact]
    public async Task It_waits_in_a_paused_queue()
    {
        await PauseAsync();

        (await Worker.DispatchAsync(Some.Draft())).Status.ShouldBe(EnqueueStatus.Stored);
    }

    [Fact]
    public async Task A_scheduled_an_expired_and_a_unique_job_are_never_dispatched()
    {
        (await Worker.DispatchAsync(Some.Draft(dueAt: Now.AddHours(1)))).State.ShouldBe(JobState.Scheduled);
        (await Worker.DispatchAsync(Some.Draft(queue: "a", expiresAt: Now))).State.ShouldBe(JobState.Ready);
        (await Worker.DispatchAsync(Some.Draft(queue: "b", uniqueKey: "k"))).State.ShouldBe(JobState.Ready);
    }

    [Fact]
    [Trait("Rule", "4")]
    public async Task A_worker_that_was_declared_dead_dispatches_and_claims_nothing()
    {
        _ = await KillAsync(Worker);
        var job = Some.Draft();

        var report = await Worker.FlushAsync(enqueues: [new(job, true)], claims: [new(Some.Queue, 1)]);

        report.WorkerGone.ShouldBeTrue();
        report.Enqueues[0].ShouldBe(new EnqueueReport(EnqueueStatus.Stored, job.Id, JobState.Ready));
        report.Claims.ShouldBeEmpty();
        (await StateOfAsync(job.Id)).ShouldBe(JobState.Ready);
    }
}
