using Simmer.Storage;

namespace Simmer.StoreTests.Conformance;

[Trait("Rule", "12")]
public abstract class Cancelling<TFactory> : StoreTest<TFactory>
    where TFactory : IStoreFactory, new()
{
    [Fact]
    public async Task A_long_reason_is_cut_with_a_mark()
    {
        var waiting = Some.Draft();
        _ = await Worker.EnqueueAsync(waiting);
        _ = await Store.CancelAsync([waiting.Id], new string('r', 1_000_000), Now, Token);

        (await GetAsync(waiting.Id)).Reason!.ShouldSatisfyAllConditions(static r => r.Length.ShouldBe(StoreRules.LongestReason),
            static r => r.ShouldEndWith("…"));
    }

    [Fact]
    public async Task A_waiting_job_ends_at_once()
    {
        var (ready, scheduled) = (Some.Draft(), Some.Draft(dueAt: Now.AddHours(1)));
        _ = await Worker.EnqueueAllAsync(ready, scheduled);

        var reports = await Store.CancelAsync([ready.Id, scheduled.Id], "not wanted", Now, Token);

        reports.ShouldAllBe(r => r.Result == CancelResult.Cancelled);
        var record = await GetAsync(ready.Id);
        (record.State, record.Reason, record.FinishedAt).ShouldBe((JobState.Cancelled, "not wanted", Now));
        (await Worker.ClaimAsync(5)).ShouldBeEmpty();
        (await PromoteAsync()).NextDue.ShouldBeNull();
    }

    [Fact]
    public async Task Where_nothing_is_kept_it_is_gone()
    {
        var job = Some.Draft();
        _ = await Worker.EnqueueAsync(job);

        (await CancelAsync(job.Id, keepFor: TimeSpan.Zero)).Result.ShouldBe(CancelResult.Cancelled);

        (await FindAsync(job.Id)).ShouldBeNull();
    }

    [Fact]
    public async Task A_running_job_is_asked_to_stop_through_its_workers_beat_until_it_is_settled()
    {
        var claim = await Worker.StartAsync(Some.Draft());
        var other = await NewWorkerAsync();

        (await CancelAsync(claim.Job.Id)).ShouldBe(new CancelReport(CancelResult.Requested, Worker.Id, 1));

        var record = await GetAsync(claim.Job.Id);
        (record.State, record.CancelRequested).ShouldBe((JobState.Running, true));
        (await BeatAsync(other)).Cancels.ShouldBeEmpty();
        (await BeatAsync(Worker)).Cancels.ShouldBe([claim.Token]);
        (await BeatAsync(Worker)).Cancels.ShouldBe([claim.Token]);
        (await Store.ClaimsOfAsync(Worker.Id, Token)).Claims.ShouldHaveSingleItem().CancelRequested.ShouldBeTrue();
        _ = await Worker.SettleAsync(claim, JobState.Cancelled);
        (await BeatAsync(Worker)).Cancels.ShouldBeEmpty();
    }

    [Fact]
    public async Task Asking_twice_changes_nothing()
    {
        var claim = await Worker.StartAsync(Some.Draft());
        _ = await CancelAsync(claim.Job.Id);

        (await CancelAsync(claim.Job.Id)).ShouldBe(new CancelReport(CancelResult.Requested, Worker.Id, 1));

        (await BeatAsync(Worker)).Cancels.ShouldBe([claim.Token]);
    }

    [Theory]
    [InlineData(JobState.Scheduled)]
    [InlineData(JobState.Ready)]
    public async Task A_retry_of_a_job_that_was_asked_to_stop_becomes_its_end(JobState wish)
    {
        var claim = await Worker.StartAsync(Some.Draft());
        _ = await CancelAsync(claim.Job.Id, "not wanted");

        var report = await Worker.SettleAsync(Some.Settlement(claim.Token, wish, TimeSpan.FromHours(1), error: Some.Error()));

        report.ShouldBe(new SettleReport(true, JobState.Cancelled));
        var record = await GetAsync(claim.Job.Id);
        (record.State, record.Reason, record.CancelRequested, record.Errors.Count).ShouldBe((JobState.Cancelled, "not wanted", false, 1));
    }

    [Fact]
    public async Task Such_an_end_is_kept_as_long_as_cancelled_jobs_are()
    {
        var claim = await Worker.StartAsync(Some.Draft());
        _ = await CancelAsync(claim.Job.Id);

        _ = await Worker.SettleAsync(Some.Settlement(claim.Token, JobState.Ready, keepFor: Some.Day, keepCancelledFor: TimeSpan.Zero));

        (await FindAsync(claim.Job.Id)).ShouldBeNull();
    }

    [Theory]
    [InlineData(JobState.Succeeded)]
    [InlineData(JobState.Failed)]
    public async Task An_end_that_arrived_wins(JobState end)
    {
        var claim = await Worker.StartAsync(Some.Draft());
        _ = await CancelAsync(claim.Job.Id);

        (await Worker.SettleAsync(claim, end)).ShouldBe(new SettleReport(true, end));

        (await GetAsync(claim.Job.Id)).CancelRequested.ShouldBeFalse();
    }

    [Fact]
    public async Task A_finished_and_an_unknown_job_are_said_to_be_so()
    {
        var claim = await Worker.StartAsync(Some.Draft());
        _ = await Worker.SettleAsync(claim, JobState.Succeeded);

        var reports = await Store.CancelAsync([claim.Job.Id, Some.Id()], null, Now, Token);

        reports.Select(r => r.Result).ShouldBe([CancelResult.AlreadyFinished, CancelResult.NotFound]);
    }
}
