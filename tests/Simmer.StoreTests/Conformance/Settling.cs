using Simmer.Storage;

namespace Simmer.StoreTests.Conformance;

public abstract class Settling<TFactory> : StoreTest<TFactory>
    where TFactory : IStoreFactory, new()
{
    [Theory]
    [InlineData(JobState.Succeeded)]
    [InlineData(JobState.Failed)]
    [InlineData(JobState.Cancelled)]
    public async Task A_finished_job_is_kept_for_looking_at(JobState state)
    {
        var claim = await Worker.StartAsync(Some.Draft(tags: ["t"]));
        Pass(TimeSpan.FromSeconds(5));

        (await Worker.SettleAsync(Some.Settlement(claim.Token, state, reason: "so it was"))).ShouldBe(new SettleReport(true, state));

        var record = await GetAsync(claim.Job.Id);
        (record.State, record.Run, record.Attempt, record.Reason, record.Worker).ShouldBe((state, 1, 1, "so it was", null));
        record.FinishedAt.ShouldBe(Now);
        record.Tags.ShouldBe(["t"]);
        (await Worker.ClaimAsync()).ShouldBeEmpty();
        (await Store.ClaimsOfAsync(Worker.Id, Token)).IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public async Task Texts_for_people_are_cut_with_a_mark_whatever_their_length()
    {
        var claim = await Worker.StartAsync(Some.Draft());
        var error = new AttemptError(1, 1, Now, new string('t', 5_000), new string('m', 1_000_000), new string('d', 1_000_000));
        _ = await Worker.SettleAsync(Some
            .Settlement(claim.Token, JobState.Failed, error: error,
            reason: new string('r', 1_999 - 24) + "😀" + new string('r', 1_000_000)));

        var record = await GetAsync(claim.Job.Id);
        record.Reason!.Length.ShouldBeInRange(1_990, StoreRules.LongestReason);
        record.Reason.ShouldEndWith("…");
        var stored = record.Errors.ShouldHaveSingleItem();
        (stored.Type.Length, stored.Message.Length, stored.Detail!.Length)
            .ShouldBe((StoreRules.LongestName, StoreRules.LongestMessage, StoreRules.LongestDetail));
        stored.Message.ShouldEndWith("…");
    }

    [Fact]
    public async Task A_job_is_forgotten_at_once_where_nothing_is_kept()
    {
        var claim = await Worker.StartAsync(Some.Draft());

        (await Worker.SettleAsync(claim, JobState.Succeeded, TimeSpan.Zero)).ShouldBe(new SettleReport(true, JobState.Succeeded));

        (await FindAsync(claim.Job.Id)).ShouldBeNull();
    }

    [Fact]
    public async Task The_result_is_kept()
    {
        var claim = await Worker.StartAsync(Some.Draft());

        _ = await Worker.SettleAsync(Some.Settlement(claim.Token, result: "{\"n\":1}"u8.ToArray()));

        (await GetAsync(claim.Job.Id)).Result.ShouldNotBeNull().ToArray().ShouldBe("{\"n\":1}"u8.ToArray());
    }

    [Fact]
    public async Task A_retry_is_scheduled_and_its_error_is_kept()
    {
        var claim = await Worker.StartAsync(Some.Draft());

        var report = await Worker
            .SettleAsync(Some.Settlement(claim.Token, JobState.Scheduled, TimeSpan.FromMinutes(1), error: Some.Error()));

        report.ShouldBe(new SettleReport(true, JobState.Scheduled));
        var record = await GetAsync(claim.Job.Id);
        (record.State, record.DueAt, record.Run, record.Attempt).ShouldBe((JobState.Scheduled, Now.AddMinutes(1), 1, 1));
        record.Errors.ShouldHaveSingleItem().ShouldBe(Some.Error());
        Pass(TimeSpan.FromMinutes(1));
        _ = await PromoteAsync();
        (await Worker.ClaimAsync()).ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            c => c.Run.ShouldBe(2),
            c => c.Attempt.ShouldBe(2));
    }

    [Fact]
    [Trait("Rule", "1")]
    public async Task A_snooze_spends_no_attempt_but_counts_a_run()
    {
        var claim = await Worker.StartAsync(Some.Draft());

        _ = await Worker.SettleAsync(Some.Settlement(claim.Token, JobState.Scheduled, TimeSpan.FromMinutes(1), forgive: true));

        Pass(TimeSpan.FromMinutes(1));
        _ = await PromoteAsync();
        (await Worker.ClaimAsync()).ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            c => c.Run.ShouldBe(2),
            c => c.Attempt.ShouldBe(1));
    }

    [Fact]
    public async Task A_retry_at_once_is_ready_at_its_old_place()
    {
        var claim = await Worker.StartAsync(Some.Draft());
        _ = await Worker.EnqueueAsync(Some.Draft());

        (await Worker.SettleAsync(Some.Settlement(claim.Token, JobState.Ready))).State.ShouldBe(JobState.Ready);

        (await Worker.ClaimAsync()).ShouldHaveSingleItem().Token.ShouldBe(new LeaseToken(claim.Job.Id, 2));
    }

    [Fact]
    public async Task The_newest_twenty_errors_are_kept()
    {
        var claim = await Worker.StartAsync(Some.Draft(maxAttempts: 100));
        for (var run = 1; run <= 22; run++)
        {
            _ = await Worker.SettleAsync(Some
                .Settlement(new LeaseToken(claim.Job.Id, run), JobState.Ready, error: Some.Error(run, $"no {run}")));
            _ = await Worker.ClaimAsync();
        }

        (await GetAsync(claim.Job.Id)).Errors.Select(e => e.Run).ShouldBe(Enumerable.Range(3, 20));
        _ = await Worker.SettleAsync(Some.Settlement(new LeaseToken(claim.Job.Id, 23), JobState.Failed, error: Some.Error(23)));
        (await GetAsync(claim.Job.Id)).Errors.Select(e => e.Run).ShouldBe(Enumerable.Range(4, 20));
    }

    [Fact]
    [Trait("Rule", "2")]
    public async Task A_settlement_under_an_older_run_is_lost()
    {
        var claim = await Worker.StartAsync(Some.Draft());
        _ = await Worker.SettleAsync(Some.Settlement(claim.Token, JobState.Ready));
        _ = await Worker.ClaimAsync();

        (await Worker.SettleAsync(claim, JobState.Failed)).ShouldBe(new SettleReport(false, JobState.Running));

        (await GetAsync(claim.Job.Id)).Run.ShouldBe(2);
    }

    [Fact]
    [Trait("Rule", "2")]
    public async Task A_settlement_by_another_worker_is_lost()
    {
        var claim = await Worker.StartAsync(Some.Draft());
        var other = await NewWorkerAsync();

        (await other.SettleAsync(claim, JobState.Succeeded)).Settled.ShouldBeFalse();

        (await StateOfAsync(claim.Job.Id)).ShouldBe(JobState.Running);
    }

    [Fact]
    [Trait("Rule", "24")]
    public async Task A_job_is_settled_once()
    {
        var claim = await Worker.StartAsync(Some.Draft());
        _ = await Worker.SettleAsync(claim, JobState.Succeeded);

        (await Worker.SettleAsync(claim, JobState.Failed)).ShouldBe(new SettleReport(false, JobState.Succeeded));

        (await StateOfAsync(claim.Job.Id)).ShouldBe(JobState.Succeeded);
    }

    [Fact]
    public async Task A_settlement_of_a_job_that_never_was_is_lost() =>
        (await Worker.SettleAsync(Some.Settlement(new LeaseToken(Some.Id(), 1)))).ShouldBe(new SettleReport(false, JobState.Unknown));

    [Fact]
    [Trait("Rule", "15")]
    public async Task One_lost_settlement_does_not_concern_the_others()
    {
        _ = await Worker.EnqueueAllAsync(Some.Draft(), Some.Draft());
        var claims = await Worker.ClaimAsync(2);

        var report = await Worker.FlushAsync(settlements:
            [Some.Settlement(claims[0].Token), Some.Settlement(new LeaseToken(Some.Id(), 1)),
                Some.Settlement(claims[1].Token, JobState.Failed)]);

        report.Settlements.Select(s => s.Settled).ShouldBe([true, false, true]);
        (await StateOfAsync(claims[1].Job.Id)).ShouldBe(JobState.Failed);
    }

    [Fact]
    public async Task Progress_is_noted_while_the_lease_holds()
    {
        var claim = await Worker.StartAsync(Some.Draft());
        var version = (await GetAsync(claim.Job.Id)).Version;

        _ = await Worker.FlushAsync(progress: [new(claim.Token, 0.5, "half", false)]);
        _ = await Worker.FlushAsync(progress: [new(claim.Token, null, null, true)]);
        _ = await Worker.FlushAsync(progress: [new(new LeaseToken(claim.Job.Id, 9), 0.9, "wrong", false)]);

        var record = await GetAsync(claim.Job.Id);
        (record.Progress, record.ProgressText, record.Stuck).ShouldBe((0.5, "half", true));
        record.Version.ShouldBeGreaterThan(version);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_a_worker_says_of_a_job_that_another_holds_leaves_its_progress(bool isGone)
    {
        var claim = await Worker.StartAsync(Some.Draft());
        _ = await Worker.FlushAsync(progress: [new(claim.Token, 0.5, "half", false)]);
        var other = await NewWorkerAsync();
        if (isGone)
        {
            await Store.DeregisterAsync(other.Id, Now, Token);
        }

        _ = await other.FlushAsync(progress: [new(claim.Token, 0.9, "wrong", false)]);
        _ = await other.FlushAsync(giveBacks: [claim.Token]);
        _ = await other.FlushAsync(settlements: [Some.Settlement(claim.Token, JobState.Failed)]);
        _ = await Worker.SettleAsync(Some.Settlement(claim.Token, keepFor: Some.Day));

        var record = await GetAsync(claim.Job.Id);
        (record.State, record.Progress, record.ProgressText).ShouldBe((JobState.Succeeded, 0.5, "half"));
    }

    [Fact]
    public async Task The_last_progress_comes_with_the_settlement()
    {
        var claim = await Worker.StartAsync(Some.Draft());

        _ = await Worker
            .SettleAsync(new Settlement { Token = claim.Token, State = JobState.Failed, KeepFor = Some.Day,
            Progress = new(claim.Token, 0.75, "nearly", true) });

        var record = await GetAsync(claim.Job.Id);
        (record.Progress, record.ProgressText, record.Stuck).ShouldBe((0.75, "nearly", false));
    }

    [Fact]
    public async Task Every_visible_change_raises_the_version()
    {
        var job = Some.Draft(dueAt: Now.AddSeconds(1));
        List<long> versions = [];
        async Task Look() => versions.Add((await GetAsync(job.Id)).Version);

        _ = await Worker.EnqueueAsync(job);
        await Look();
        Pass(TimeSpan.FromSeconds(1));
        _ = await PromoteAsync();
        await Look();
        var claim = (await Worker.ClaimAsync())[0];
        await Look();
        _ = await CancelAsync(job.Id);
        await Look();
        _ = await Worker.SettleAsync(claim, JobState.Failed);
        await Look();
        _ = await RetryAsync(job.Id);
        await Look();

        versions.ShouldBeInOrder(SortDirection.Ascending);
        versions.Distinct().Count().ShouldBe(versions.Count);
    }
}
