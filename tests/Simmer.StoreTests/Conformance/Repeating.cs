using Simmer.Storage;

namespace Simmer.StoreTests.Conformance;

[Trait("Rule", "3")]
public abstract class Repeating<TFactory> : StoreTest<TFactory>
    where TFactory : IStoreFactory, new()
{
    [Fact]
    public async Task A_repeated_enqueue_takes_effect_once_even_when_the_job_is_long_gone()
    {
        var job = Some.Draft();
        var first = await Worker.FlushAsync(enqueues: [new(job, false)]);
        first.WasRepeat.ShouldBeFalse();
        var other = await NewWorkerAsync();
        _ = await other.SettleAsync((await other.ClaimAsync())[0], JobState.Succeeded, TimeSpan.Zero);

        var second = await Worker.RepeatAsync();

        second.WasRepeat.ShouldBeTrue();
        second.Enqueues.ShouldHaveSingleItem().ShouldBe(new EnqueueReport(EnqueueStatus.Stored, job.Id, JobState.Unknown));
        (await FindAsync(job.Id)).ShouldBeNull();
    }

    [Fact]
    public async Task A_repeated_dispatch_is_told_to_start_what_it_owns()
    {
        var job = Some.Draft();
        _ = await Worker.DispatchAsync(job);

        (await Worker.RepeatAsync()).Enqueues.ShouldHaveSingleItem()
            .ShouldBe(new EnqueueReport(EnqueueStatus.Dispatched, job.Id, JobState.Running));

        (await GetAsync(job.Id)).Run.ShouldBe(1);
    }

    [Fact]
    public async Task A_repeated_enqueue_names_the_holder_of_its_key()
    {
        var holder = Some.Draft(uniqueKey: "k");
        _ = await Worker.EnqueueAsync(holder);
        _ = await Worker.EnqueueAsync(Some.Draft(uniqueKey: "k"));

        (await Worker.RepeatAsync()).Enqueues.ShouldHaveSingleItem()
            .ShouldBe(new EnqueueReport(EnqueueStatus.Duplicate, holder.Id, JobState.Ready));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public async Task A_repeated_enqueue_whose_key_was_freed_in_between_is_stored_in_the_end(bool keepsHolder, bool inCall)
    {
        var other = await NewWorkerAsync();
        var held = await other.StartAsync(Some.Draft(uniqueKey: "k"));
        var group = inCall ? 1 : 0;
        EnqueueRequest[] enqueues =
            [new(Some.Draft(), false, group), new(Some.Draft(uniqueKey: "k"), false, group), new(Some.Draft(), false)];
        (await Worker.FlushAsync(enqueues: enqueues)).Enqueues[1]
            .ShouldBe(new EnqueueReport(EnqueueStatus.Duplicate, held.Job.Id, JobState.Running));
        await other.SettleAsync(held, JobState.Succeeded, keepsHolder ? Some.Day : TimeSpan.Zero);

        var repeated = await Worker.RepeatAsync();
        var report = repeated.Blocked.Enqueues.Contains(1)
            ? (await Worker.FlushApartAsync(enqueues: [enqueues[1]])).Enqueues[0]
            : repeated.Enqueues[1];

        report.ShouldBe(new EnqueueReport(EnqueueStatus.Stored, enqueues[1].Job.Id, JobState.Ready));
        (await StateOfAsync(enqueues[1].Job.Id)).ShouldBe(JobState.Ready);
        (await other.ClaimAsync(10)).Count.ShouldBe(3);
        repeated.Enqueues[0].Status.ShouldBe(EnqueueStatus.Stored);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task One_that_was_stored_late_by_a_repeat_is_not_stored_again_by_the_next(bool inCall)
    {
        var other = await NewWorkerAsync();
        var held = await other.StartAsync(Some.Draft(uniqueKey: "k"));
        var group = inCall ? 1 : 0;
        EnqueueRequest[] enqueues = [new(Some.Draft(), false, group), new(Some.Draft(uniqueKey: "k"), false, group)];
        await Worker.FlushAsync(enqueues: enqueues);
        await other.SettleAsync(held, JobState.Succeeded, TimeSpan.Zero);
        var repeated = await Worker.RepeatAsync();
        Assert.SkipWhen(repeated.Blocked.Enqueues.Contains(1), "It is sent once more by itself.");
        foreach (var claim in await other.ClaimAsync(10))
        {
            await other.SettleAsync(claim, JobState.Succeeded, TimeSpan.Zero);
        }

        await Worker.RepeatAsync();

        (await other.ClaimAsync(10)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_repeated_enqueue_that_met_a_key_which_has_a_new_holder_names_that_one()
    {
        var other = await NewWorkerAsync();
        var held = await other.StartAsync(Some.Draft(uniqueKey: "k"));
        EnqueueRequest[] enqueues = [new(Some.Draft(), false, 1), new(Some.Draft(uniqueKey: "k"), false, 1)];
        await Worker.FlushAsync(enqueues: enqueues);
        await other.SettleAsync(held, JobState.Succeeded);
        var next = Some.Draft(uniqueKey: "k");
        await other.EnqueueAsync(next);

        (await Worker.RepeatAsync()).Enqueues[1].ShouldBe(new EnqueueReport(EnqueueStatus.Duplicate, next.Id, JobState.Ready));
    }

    [Fact]
    [Trait("Rule", "2")]
    public async Task A_repeated_settlement_whose_row_is_gone_had_succeeded()
    {
        var claim = await Worker.StartAsync(Some.Draft());
        _ = await Worker.SettleAsync(claim, JobState.Succeeded, TimeSpan.Zero);

        (await Worker.RepeatAsync()).Settlements.ShouldBe([new SettleReport(true, JobState.Succeeded)]);
    }

    [Fact]
    [Trait("Rule", "2")]
    public async Task A_repeat_does_not_take_a_settlement_for_done_whose_lease_came_only_with_the_claim_after_it()
    {
        var job = Some.Draft();
        _ = await Worker.EnqueueAsync(job);
        var first = await Worker
            .FlushAsync(settlements: [Some.Settlement(new LeaseToken(job.Id, 1), JobState.Failed)],
            claims: [new ClaimRequest(job.Queue, 1)]);
        first.Settlements.ShouldBe([new SettleReport(false, JobState.Ready)]);

        (await Worker.RepeatAsync()).Settlements.ShouldBe([new SettleReport(false, JobState.Running)]);
    }

    [Fact]
    public async Task A_repeated_retry_does_not_touch_the_run_that_followed_it()
    {
        var claim = await Worker.StartAsync(Some.Draft());
        _ = await Worker.FlushAsync(settlements: [Some.Settlement(claim.Token, JobState.Ready, error: Some.Error())]);
        var other = await NewWorkerAsync();
        _ = await other.ClaimAsync();

        (await Worker.RepeatAsync()).Settlements.ShouldBe([new SettleReport(true, JobState.Running)]);

        var record = await GetAsync(claim.Job.Id);
        (record.Run, record.Errors.Count).ShouldBe((2, 1));
    }

    [Fact]
    [Trait("Rule", "5")]
    public async Task A_repeat_claims_nothing_more_and_the_worker_asks_what_it_owns()
    {
        _ = await Worker.EnqueueAllAsync(Some.Draft(), Some.Draft());
        var first = await Worker.ClaimAsync();

        (await Worker.RepeatAsync()).Claims.ShouldBeEmpty();

        (await Store.ClaimsOfAsync(Worker.Id, Token)).Claims.Select(c => c.Token).ShouldBe(first.Select(c => c.Token));
    }

    [Fact]
    public async Task A_repeated_give_back_forgives_once()
    {
        var claim = await Worker.StartAsync(Some.Draft());
        _ = await Worker.GiveBackAsync(claim.Token);

        (await Worker.RepeatAsync()).GiveBacks.ShouldBe([true]);

        var again = (await Worker.ClaimAsync()).ShouldHaveSingleItem();
        (again.Run, again.Forgiven).ShouldBe((2, 1));
    }

    [Fact]
    public async Task A_repeat_is_known_by_its_number_whatever_it_says()
    {
        var job = Some.Draft();
        _ = await Worker.EnqueueAsync(job);
        _ = await Store.DeleteAsync([job.Id], Now, Token);

        (await Worker.RepeatAsync(saysSo: false)).WasRepeat.ShouldBeTrue();

        (await FindAsync(job.Id)).ShouldBeNull();
    }

    [Fact]
    public async Task A_repeat_whose_first_never_arrived_is_carried_out()
    {
        var job = Some.Draft();
        var flush = new Flush { Worker = Worker.Id, Sequence = 1, IsRepeat = true, Enqueues = [new(job, false)] };

        (await Store.FlushAsync(flush, Now, Token)).WasRepeat.ShouldBeFalse();

        (await StateOfAsync(job.Id)).ShouldBe(JobState.Ready);
    }

    [Fact]
    public async Task Numbers_belong_to_a_worker()
    {
        _ = await Worker.EnqueueAsync(Some.Draft());
        var other = await NewWorkerAsync();

        (await other.FlushAsync(enqueues: [new(Some.Draft(), false)])).WasRepeat.ShouldBeFalse();
    }

    [Fact]
    [Trait("Rule", "4")]
    public async Task A_worker_that_was_declared_dead_meanwhile_still_enqueues_once()
    {
        var job = Some.Draft();
        _ = await Worker.EnqueueAsync(job);
        _ = await Store.DeleteAsync([job.Id], Now, Token);
        _ = await KillAsync(Worker);

        var report = await Worker.RepeatAsync();

        (report.WorkerGone, report.WasRepeat).ShouldBe((true, true));
        (await FindAsync(job.Id)).ShouldBeNull();
    }
}
