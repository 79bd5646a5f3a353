using Simmer.Storage;

namespace Simmer.StoreTests.Conformance;

public abstract class Rescuing<TFactory> : StoreTest<TFactory>
    where TFactory : IStoreFactory, new()
{
    [Fact]
    [Trait("Rule", "6")]
    public async Task The_jobs_of_a_dead_worker_are_taken_back()
    {
        var dying = await NewWorkerAsync();
        var claim = await dying.StartAsync(Some.Draft());
        var dispatched = Some.Draft(queue: "other");
        _ = await dying.DispatchAsync(dispatched);

        var report = await KillAsync(dying);

        report.Dead.ShouldBe([dying.Id]);
        report.Rescued.ShouldBe([claim.Job.Id, dispatched.Id], ignoreOrder: true);
        report.Cancelled.ShouldBeEmpty();
        report.Queues.ShouldBe([Some.Queue, "other"], ignoreOrder: true);
        (await StateOfAsync(claim.Job.Id)).ShouldBe(JobState.Ready);
        (await dying.SettleAsync(claim, JobState.Succeeded)).Settled.ShouldBeFalse();
        (await BeatAsync(dying)).Alive.ShouldBeFalse();
    }

    [Fact]
    [Trait("Rule", "8")]
    public async Task A_worker_is_not_dead_before_its_lease_is_over()
    {
        var beats = await BeatsOfAsync(Worker);
        Pass(Some.Lease - TimeSpan.FromSeconds(1));

        (await RescueAsync([(Worker.Id, beats)])).Dead.ShouldBeEmpty();

        Pass(TimeSpan.FromSeconds(1));
        (await RescueAsync([(Worker.Id, beats)])).Dead.ShouldBe([Worker.Id]);
    }

    [Fact]
    [Trait("Rule", "8")]
    public async Task A_worker_whose_counter_moved_is_alive_whatever_the_clock_says()
    {
        var claim = await Worker.StartAsync(Some.Draft());
        var seen = await BeatsOfAsync(Worker);
        _ = await BeatAsync(Worker);
        Pass(TimeSpan.FromDays(365));

        var report = await RescueAsync([(Worker.Id, seen)]);

        report.Dead.ShouldBeEmpty();
        report.Rescued.ShouldBeEmpty();
        (await Worker.SettleAsync(claim, JobState.Succeeded)).Settled.ShouldBeTrue();
    }

    [Fact]
    public async Task Only_the_named_workers_are_looked_at()
    {
        var other = await NewWorkerAsync();
        Pass(Some.Lease);

        (await RescueAsync([(other.Id, await BeatsOfAsync(other)), (new WorkerId(999_999), 0)])).Dead.ShouldBe([other.Id]);

        (await BeatAsync(Worker)).Alive.ShouldBeTrue();
    }

    [Fact]
    [Trait("Rule", "6")]
    public async Task A_sweep_for_orphans_leaves_the_jobs_of_the_living()
    {
        var claim = await Worker.StartAsync(Some.Draft());

        (await RescueAsync([], orphans: true)).Rescued.ShouldBeEmpty();

        (await Worker.SettleAsync(claim, JobState.Succeeded)).Settled.ShouldBeTrue();
    }

    [Fact]
    [Trait("Rule", "10")]
    public async Task The_first_rescue_makes_a_job_suspect_and_forgives_the_attempt()
    {
        var dying = await NewWorkerAsync();
        var claim = await dying.StartAsync(Some.Draft());
        _ = await KillAsync(dying);

        var record = await GetAsync(claim.Job.Id);
        (record.Run, record.Attempt).ShouldBe((1, 0));
        var error = record.Errors.ShouldHaveSingleItem();
        (error.Type, error.Run, error.Attempt, error.At).ShouldBe((ErrorTypes.LeaseLost, 1, 1, Now));
        var again = (await Worker.ClaimAsync(maySuspect: true)).ShouldHaveSingleItem();
        (again.Suspect, again.Run, again.Attempt).ShouldBe((true, 2, 1));
    }

    [Fact]
    [Trait("Rule", "10")]
    public async Task Only_a_suspects_rescue_spends_the_attempt()
    {
        var killer = Some.Draft(maxAttempts: 1);
        _ = await Worker.EnqueueAsync(killer);
        for (var death = 0; death < 3; death++)
        {
            var dying = await NewWorkerAsync();
            (await dying.ClaimAsync(maySuspect: true)).Count.ShouldBe(1);
            _ = await KillAsync(dying);
        }

        // Three runs, one forgiven. That it is over its limit is for whoever claims it to see and settle as poison.
        var record = await GetAsync(killer.Id);
        (record.State, record.Run, record.Attempt, record.Errors.Count).ShouldBe((JobState.Ready, 3, 2, 3));
        var last = await NewWorkerAsync();
        (await last.ClaimAsync(maySuspect: true)).ShouldHaveSingleItem().Attempt.ShouldBe(3);
    }

    [Fact]
    [Trait("Rule", "10")]
    public async Task At_most_one_suspect_is_claimed_at_a_time()
    {
        var dying = await NewWorkerAsync();
        _ = await dying.EnqueueAllAsync(Some.Draft(), Some.Draft(queue: "other"), Some.Draft());
        _ = await dying.FlushAsync(claims: [new(Some.Queue, 2), new("other", 1)]);
        _ = await KillAsync(dying);
        var innocent = Some.Draft();
        _ = await Worker.EnqueueAsync(innocent);

        var none = await Worker.FlushAsync(claims: [new(Some.Queue, 5), new("other", 5)]);
        none.Claims.ShouldHaveSingleItem().Job.Id.ShouldBe(innocent.Id);

        var one = await Worker.FlushAsync(claims: [new(Some.Queue, 5), new("other", 5)], maySuspect: true);
        one.Claims.ShouldHaveSingleItem().Suspect.ShouldBeTrue();
    }

    [Fact]
    [Trait("Rule", "10")]
    public async Task A_settlement_clears_the_suspicion_and_a_give_back_does_not()
    {
        var dying = await NewWorkerAsync();
        _ = await dying.StartAsync(Some.Draft());
        _ = await KillAsync(dying);
        var claim = (await Worker.ClaimAsync(maySuspect: true)).ShouldHaveSingleItem();

        _ = await Worker.GiveBackAsync(claim.Token);
        claim = (await Worker.ClaimAsync(maySuspect: true)).ShouldHaveSingleItem();
        claim.Suspect.ShouldBeTrue();

        _ = await Worker.SettleAsync(Some.Settlement(claim.Token, JobState.Ready));
        (await Worker.ClaimAsync()).ShouldHaveSingleItem().Suspect.ShouldBeFalse();
    }

    [Fact]
    [Trait("Rule", "12")]
    public async Task A_requested_cancel_is_carried_out()
    {
        var dying = await NewWorkerAsync();
        var claim = await dying.StartAsync(Some.Draft(uniqueKey: "k"));
        _ = await CancelAsync(claim.Job.Id, "not wanted");

        var report = await KillAsync(dying);

        report.Cancelled.ShouldBe([claim.Job.Id]);
        report.Rescued.ShouldBeEmpty();
        var record = await GetAsync(claim.Job.Id);
        (record.State, record.Reason, record.FinishedAt).ShouldBe((JobState.Cancelled, "not wanted", Now));
        (await Worker.EnqueueAsync(Some.Draft(uniqueKey: "k"))).Status.ShouldBe(EnqueueStatus.Stored);
    }

    [Fact]
    [Trait("Rule", "6")]
    public async Task More_jobs_than_a_batch_are_all_taken_back()
    {
        var dying = await NewWorkerAsync();
        _ = await dying.EnqueueAllAsync([.. Enumerable.Range(0, 1203).Select(_ => Some.Draft())]);
        (await dying.ClaimAsync(2000)).Count.ShouldBe(1203);

        (await KillAsync(dying)).Rescued.Count.ShouldBe(1203);

        (await Store.Browser.CountAsync(Token)).ShouldBe([new JobCount(Some.Queue, JobState.Ready, 1203)]);
    }
}
