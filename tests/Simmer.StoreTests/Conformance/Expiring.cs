using Simmer.Storage;

namespace Simmer.StoreTests.Conformance;

public abstract class Expiring<TFactory> : StoreTest<TFactory>
    where TFactory : IStoreFactory, new()
{
    [Fact]
    public async Task An_expired_job_is_cancelled_when_its_turn_comes_and_takes_no_slot()
    {
        var (expired, next) = (Some.Draft(expiresAt: Now.AddMinutes(1)), Some.Draft());
        _ = await Worker.EnqueueAllAsync(expired, next);
        Pass(TimeSpan.FromMinutes(1));

        var report = await Worker.FlushAsync(claims: [new(Some.Queue, 1)]);

        report.Expired.ShouldBe([expired.Id]);
        report.Claims.ShouldHaveSingleItem().Job.Id.ShouldBe(next.Id);
        var record = await GetAsync(expired.Id);
        (record.State, record.Reason, record.Run).ShouldBe((JobState.Cancelled, StoreRules.ExpiredReason, 0));
        record.FinishedAt.ShouldBe(Now);
    }

    [Fact]
    public async Task An_expiry_is_counted_from_when_the_job_is_stored()
    {
        var (job, scheduled) = (Some.Draft(expiresIn: TimeSpan.FromMinutes(1)),
            Some.Draft(delay: TimeSpan.FromHours(1), expiresIn: TimeSpan.FromMinutes(2)));
        Pass(TimeSpan.FromHours(1));
        _ = await Worker.EnqueueAllAsync(job, scheduled);

        (await GetAsync(job.Id)).ExpiresAt.ShouldBe(Now.AddMinutes(1));
        Pass(TimeSpan.FromSeconds(59));
        (await PruneAsync()).Expired.ShouldBeEmpty();
        Pass(TimeSpan.FromSeconds(1));
        (await PruneAsync()).Expired.ShouldBe([job.Id]);
        Pass(TimeSpan.FromMinutes(1));
        (await PruneAsync()).Expired.ShouldBe([scheduled.Id]);
    }

    [Fact]
    public async Task A_job_may_start_until_it_expires()
    {
        _ = await Worker.EnqueueAsync(Some.Draft(expiresAt: Now.AddMinutes(1)));
        Pass(TimeSpan.FromSeconds(59));

        (await Worker.ClaimAsync()).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Pruning_cancels_what_expired_while_ready_or_scheduled()
    {
        var (ready, scheduled, later) =
            (Some.Draft(expiresAt: Now.AddMinutes(1)), Some.Draft(dueAt: Now.AddHours(1), expiresAt: Now.AddMinutes(1)),
                Some.Draft(expiresAt: Now.AddMinutes(2)));
        _ = await Worker.EnqueueAllAsync(ready, scheduled, later);
        Pass(TimeSpan.FromMinutes(1));

        (await PruneAsync()).Expired.ShouldBe([ready.Id, scheduled.Id], ignoreOrder: true);

        (await GetAsync(scheduled.Id)).Reason.ShouldBe(StoreRules.ExpiredReason);
        (await StateOfAsync(later.Id)).ShouldBe(JobState.Ready);
        (await PruneAsync()).Expired.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_running_job_does_not_expire()
    {
        var claim = await Worker.StartAsync(Some.Draft(expiresAt: Now.AddMinutes(1)));
        Pass(TimeSpan.FromHours(1));

        (await PruneAsync()).Expired.ShouldBeEmpty();

        (await Worker.SettleAsync(claim, JobState.Succeeded)).Settled.ShouldBeTrue();
    }

    [Fact]
    public async Task A_retry_does_not_expire_because_the_job_has_started_in_time()
    {
        var claim = await Worker.StartAsync(Some.Draft(expiresAt: Now.AddMinutes(1)));
        _ = await Worker.SettleAsync(Some.Settlement(claim.Token, JobState.Ready));
        Pass(TimeSpan.FromHours(1));

        (await PruneAsync()).Expired.ShouldBeEmpty();
        (await Worker.ClaimAsync()).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_job_given_back_unstarted_expires()
    {
        var claim = await Worker.StartAsync(Some.Draft(expiresAt: Now.AddMinutes(1)));
        _ = await Worker.GiveBackAsync(claim.Token);
        Pass(TimeSpan.FromHours(1));

        (await PruneAsync()).Expired.ShouldBe([claim.Job.Id]);
    }

    [Fact]
    public async Task An_operators_retry_lifts_the_expiry()
    {
        var job = Some.Draft(expiresAt: Now.AddMinutes(1));
        _ = await Worker.EnqueueAsync(job);
        Pass(TimeSpan.FromHours(1));
        _ = await PruneAsync();

        (await RetryAsync(job.Id)).Status.ShouldBe(RetryStatus.Retried);

        (await PruneAsync()).Expired.ShouldBeEmpty();
        (await GetAsync(job.Id)).ExpiresAt.ShouldBeNull();
        (await Worker.ClaimAsync()).ShouldHaveSingleItem().Job.Id.ShouldBe(job.Id);
    }
}
