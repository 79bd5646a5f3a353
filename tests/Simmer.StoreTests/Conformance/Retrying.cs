namespace Simmer.StoreTests.Conformance;

public abstract class Retrying<TFactory> : StoreTest<TFactory>
    where TFactory : IStoreFactory, new()
{
    [Theory]
    [Trait("Rule", "1")]
    [InlineData(JobState.Failed)]
    [InlineData(JobState.Cancelled)]
    public async Task A_job_gets_fresh_attempts_and_goes_on_counting_runs(JobState end)
    {
        var claim = await Worker.StartAsync(Some.Draft());
        _ = await Worker.SettleAsync(Some.Settlement(claim.Token, end, error: Some.Error(), reason: "no luck"));

        (await RetryAsync(claim.Job.Id)).ShouldBe(new RetryResult(RetryStatus.Retried, JobState.Ready));

        var record = await GetAsync(claim.Job.Id);
        (record.State, record.Run, record.Attempt, record.Reason, record.FinishedAt).ShouldBe((JobState.Ready, 1, 0, null, null));
        record.Errors.Count.ShouldBe(1);
        var again = (await Worker.ClaimAsync()).ShouldHaveSingleItem();
        (again.Run, again.Attempt).ShouldBe((2, 1));
        (await Worker.SettleAsync(claim, JobState.Succeeded)).Settled.ShouldBeFalse();
    }

    [Fact]
    public async Task It_goes_to_the_end_of_the_queue()
    {
        var claim = await Worker.StartAsync(Some.Draft());
        _ = await Worker.SettleAsync(claim, JobState.Failed);
        var other = Some.Draft();
        _ = await Worker.EnqueueAsync(other);
        _ = await RetryAsync(claim.Job.Id);

        (await Worker.ClaimAsync(2)).Select(c => c.Job.Id).ShouldBe([other.Id, claim.Job.Id]);
    }

    [Fact]
    public async Task Jobs_in_other_states_are_left()
    {
        var claim = await Worker.StartAsync(Some.Draft());
        _ = await Worker.SettleAsync(claim, JobState.Succeeded);
        var ready = Some.Draft();
        _ = await Worker.EnqueueAsync(ready);

        var results = await Store.RetryAsync([claim.Job.Id, ready.Id, Some.Id()], Now, Token);

        results.ShouldBe(
        [
            new RetryResult(RetryStatus.NotRetryable, JobState.Succeeded),
            new RetryResult(RetryStatus.NotRetryable, JobState.Ready),
            new RetryResult(RetryStatus.NotFound, JobState.Unknown),
        ]);
    }

    [Fact]
    [Trait("Rule", "33")]
    public async Task A_job_whose_key_is_held_by_another_stays_where_it_is()
    {
        var claim = await Worker.StartAsync(Some.Draft(uniqueKey: "k"));
        _ = await Worker.SettleAsync(claim, JobState.Failed);
        var holder = Some.Draft(uniqueKey: "k");
        _ = await Worker.EnqueueAsync(holder);

        (await RetryAsync(claim.Job.Id)).ShouldBe(new RetryResult(RetryStatus.Conflict, JobState.Failed, holder.Id));

        (await StateOfAsync(claim.Job.Id)).ShouldBe(JobState.Failed);
    }

    [Fact]
    [Trait("Rule", "33")]
    public async Task It_takes_its_free_key_again()
    {
        var claim = await Worker.StartAsync(Some.Draft(uniqueKey: "k"));
        _ = await Worker.SettleAsync(claim, JobState.Failed);
        _ = await RetryAsync(claim.Job.Id);

        (await Worker.EnqueueAsync(Some.Draft(uniqueKey: "k"))).Id.ShouldBe(claim.Job.Id);
    }

    [Fact]
    [Trait("Rule", "32")]
    public async Task A_key_that_was_held_while_waiting_is_not_taken_again()
    {
        var claim = await Worker.StartAsync(Some.Draft(uniqueKey: "k", uniqueWhile: UniqueWhile.Waiting));
        _ = await Worker.SettleAsync(claim, JobState.Failed);
        _ = await Worker.EnqueueAsync(Some.Draft(uniqueKey: "k", uniqueWhile: UniqueWhile.Waiting));

        (await RetryAsync(claim.Job.Id)).Status.ShouldBe(RetryStatus.Retried);
    }

    [Fact]
    public async Task It_is_not_pruned_by_its_earlier_end()
    {
        var claim = await Worker.StartAsync(Some.Draft());
        _ = await Worker.SettleAsync(claim, JobState.Failed, TimeSpan.FromHours(1));
        _ = await RetryAsync(claim.Job.Id);
        Pass(TimeSpan.FromHours(2));

        (await PruneAsync()).Deleted.ShouldBe(0);

        (await StateOfAsync(claim.Job.Id)).ShouldBe(JobState.Ready);
    }

    [Fact]
    public async Task Its_second_end_is_kept_for_its_own_time()
    {
        var claim = await Worker.StartAsync(Some.Draft());
        _ = await Worker.SettleAsync(claim, JobState.Failed, TimeSpan.FromHours(1));
        _ = await RetryAsync(claim.Job.Id);
        _ = await Worker.SettleAsync((await Worker.ClaimAsync())[0], JobState.Failed, TimeSpan.FromHours(3));
        Pass(TimeSpan.FromHours(2));

        (await PruneAsync()).Deleted.ShouldBe(0);

        Pass(TimeSpan.FromHours(1));
        (await PruneAsync()).Deleted.ShouldBe(1);
    }
}
