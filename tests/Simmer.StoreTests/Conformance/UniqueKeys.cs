using Simmer.Storage;

namespace Simmer.StoreTests.Conformance;

[Trait("Rule", "32")]
public abstract class UniqueKeys<TFactory> : StoreTest<TFactory>
    where TFactory : IStoreFactory, new()
{
    [Fact]
    public async Task A_second_job_with_the_key_is_a_duplicate_of_the_first()
    {
        var holder = Some.Draft(uniqueKey: "k");
        _ = await Worker.EnqueueAsync(holder);
        var second = Some.Draft(uniqueKey: "k", queue: "elsewhere");

        (await Worker.EnqueueAsync(second)).ShouldBe(new EnqueueReport(EnqueueStatus.Duplicate, holder.Id, JobState.Ready));

        (await FindAsync(second.Id)).ShouldBeNull();
    }

    [Fact]
    [Trait("Rule", "15")]
    public async Task Equal_keys_of_one_flush_are_one_job()
    {
        var (first, second) = (Some.Draft(uniqueKey: "k"), Some.Draft(uniqueKey: "k"));

        var reports = await Worker.EnqueueAllAsync(first, second);

        reports[0].Status.ShouldBe(EnqueueStatus.Stored);
        reports[1].ShouldBe(new EnqueueReport(EnqueueStatus.Duplicate, first.Id, JobState.Ready));
    }

    [Fact]
    public async Task Keys_belong_to_a_kind()
    {
        _ = await Worker.EnqueueAsync(Some.Draft(uniqueKey: "k"));

        (await Worker.EnqueueAsync(Some.Draft(kind: "burn-letters", uniqueKey: "k"))).Status.ShouldBe(EnqueueStatus.Stored);
    }

    [Fact]
    public async Task Keys_differ_by_case()
    {
        _ = await Worker.EnqueueAsync(Some.Draft(uniqueKey: "k"));

        (await Worker.EnqueueAsync(Some.Draft(uniqueKey: "K"))).Status.ShouldBe(EnqueueStatus.Stored);
    }

    [Fact]
    public async Task While_unfinished_a_key_is_held_over_runs_and_automatic_retries()
    {
        var holder = Some.Draft(uniqueKey: "k");
        var claim = await Worker.StartAsync(holder);
        (await Worker.EnqueueAsync(Some.Draft(uniqueKey: "k")))
            .ShouldBe(new EnqueueReport(EnqueueStatus.Duplicate, holder.Id, JobState.Running));

        _ = await Worker.SettleAsync(Some.Settlement(claim.Token, JobState.Scheduled, TimeSpan.FromMinutes(1)));

        (await Worker.EnqueueAsync(Some.Draft(uniqueKey: "k")))
            .ShouldBe(new EnqueueReport(EnqueueStatus.Duplicate, holder.Id, JobState.Scheduled));
    }

    [Theory]
    [InlineData(JobState.Succeeded)]
    [InlineData(JobState.Failed)]
    [InlineData(JobState.Cancelled)]
    public async Task The_end_of_the_holder_releases_the_key(JobState end)
    {
        var claim = await Worker.StartAsync(Some.Draft(uniqueKey: "k"));
        _ = await Worker.SettleAsync(claim, end);

        (await Worker.EnqueueAsync(Some.Draft(uniqueKey: "k"))).Status.ShouldBe(EnqueueStatus.Stored);
    }

    [Fact]
    public async Task Cancelling_deleting_and_expiring_the_holder_release_the_key()
    {
        var (cancelled, deleted, expired) =
            (Some.Draft(uniqueKey: "k"), Some.Draft(uniqueKey: "k"), Some.Draft(uniqueKey: "k", expiresAt: Now));
        _ = await Worker.EnqueueAsync(cancelled);
        _ = await CancelAsync(cancelled.Id);
        (await Worker.EnqueueAsync(deleted)).Status.ShouldBe(EnqueueStatus.Stored);
        _ = await Store.DeleteAsync([deleted.Id], Now, Token);
        (await Worker.EnqueueAsync(expired)).Status.ShouldBe(EnqueueStatus.Stored);
        _ = await PruneAsync();

        (await Worker.EnqueueAsync(Some.Draft(uniqueKey: "k"))).Status.ShouldBe(EnqueueStatus.Stored);
    }

    [Fact]
    public async Task Settling_the_holder_and_taking_its_key_fit_into_one_flush()
    {
        var claim = await Worker.StartAsync(Some.Draft(uniqueKey: "k"));

        var report = await Worker
            .FlushAsync(settlements: [Some.Settlement(claim.Token)], enqueues: [new(Some.Draft(uniqueKey: "k"), false)]);

        report.Enqueues[0].Status.ShouldBe(EnqueueStatus.Stored);
    }

    [Fact]
    public async Task While_waiting_a_key_is_held_against_jobs_of_the_flush_that_claims_its_holder()
    {
        var holder = Some.Draft(uniqueKey: "k", uniqueWhile: UniqueWhile.Waiting);
        var second = Some.Draft(uniqueKey: "k", queue: "elsewhere");

        var report = await Worker.FlushAsync(enqueues: [new(holder, false), new(second, false)], claims: [new(holder.Queue, 1)]);

        report.Claims.ShouldHaveSingleItem().Job.Id.ShouldBe(holder.Id);
        report.Enqueues[1].ShouldBe(new EnqueueReport(EnqueueStatus.Duplicate, holder.Id, JobState.Ready));
        (await FindAsync(second.Id)).ShouldBeNull();
    }

    [Fact]
    public async Task While_waiting_the_key_is_free_from_the_first_claim_on()
    {
        _ = await Worker.StartAsync(Some.Draft(uniqueKey: "k", uniqueWhile: UniqueWhile.Waiting));

        (await Worker.EnqueueAsync(Some.Draft(uniqueKey: "k", uniqueWhile: UniqueWhile.Waiting))).Status.ShouldBe(EnqueueStatus.Stored);
        (await Worker.EnqueueAsync(Some.Draft(uniqueKey: "k", uniqueWhile: UniqueWhile.Waiting))).Status.ShouldBe(EnqueueStatus.Duplicate);
    }

    [Fact]
    public async Task While_waiting_a_key_is_never_taken_back_by_a_give_back_or_a_rescue()
    {
        var dying = await NewWorkerAsync();
        var claim = await dying.StartAsync(Some.Draft(uniqueKey: "k", uniqueWhile: UniqueWhile.Waiting));
        var second = Some.Draft(uniqueKey: "k", uniqueWhile: UniqueWhile.Waiting);
        (await Worker.EnqueueAsync(second)).Status.ShouldBe(EnqueueStatus.Stored);

        (await dying.GiveBackAsync(claim.Token)).ShouldBeTrue();
        (await dying.ClaimAsync()).ShouldHaveSingleItem().Job.Id.ShouldBe(claim.Job.Id);
        (await KillAsync(dying)).Rescued.ShouldBe([claim.Job.Id]);

        (await Worker.EnqueueAsync(Some.Draft(uniqueKey: "k"))).Id.ShouldBe(second.Id);
        _ = await CancelAsync(second.Id);
        (await Worker.EnqueueAsync(Some.Draft(uniqueKey: "k"))).Status.ShouldBe(EnqueueStatus.Stored);
    }
}
