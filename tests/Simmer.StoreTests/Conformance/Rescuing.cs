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
    public async Task A_death_spends_an_attempt_only_where_no_other_suspect_may_have_been_there()
    {
        // One that kills workers of four slots: its company is halved with every death, and it pays for those that it died alone.
        var killer = Some.Draft(maxAttempts: 2);
        _ = await Worker.EnqueueAsync(killer);
        foreach (var (attempt, level) in new[] { (0, 1), (0, 2), (0, 3), (1, 4), (2, 5) })
        {
            await DieWithAsync(slots: 4, claims: 1);
            var record = await GetAsync(killer.Id);
            (record.State, record.Attempt).ShouldBe((JobState.Ready, attempt), $"after {level} deaths");
        }

        // The worker that claims it next sees that no attempt is left, and settles it as poison.
        var last = (await Worker.ClaimAsync(maySuspect: true)).ShouldHaveSingleItem();
        (last.Run, last.Attempt, last.Suspicion).ShouldBe((6, 3, 5));
    }

    [Theory]
    [Trait("Rule", "10")]
    [InlineData(1, 1)]
    [InlineData(3, 2)]
    [InlineData(16, 5)]
    [InlineData(1_000, 10)]
    public async Task How_many_deaths_are_forgiven_follows_from_the_slots_of_the_worker_that_died(int slots, int forgiven)
    {
        var killer = Some.Draft();
        _ = await Worker.EnqueueAsync(killer);
        for (var death = 1; death <= forgiven + 1; death++)
        {
            await DieWithAsync(slots, claims: 1);
            (await GetAsync(killer.Id)).Attempt.ShouldBe(Math.Max(0, death - forgiven), $"after {death} deaths");
        }
    }

    [Fact]
    [Trait("Rule", "10")]
    public async Task A_worker_that_did_not_say_its_slots_counts_as_one_that_runs_a_suspect_alone()
    {
        var killer = Some.Draft();
        _ = await Worker.EnqueueAsync(killer);
        await DieWithAsync(slots: null, claims: 1);
        await DieWithAsync(slots: null, claims: 1);

        (await GetAsync(killer.Id)).Attempt.ShouldBe(1);
    }

    [Fact]
    [Trait("Rule", "10")]
    public async Task Suspects_are_claimed_as_far_as_each_has_no_more_company_than_its_level_allows()
    {
        _ = await Worker.EnqueueAllAsync([.. Enumerable.Range(0, 16).Select(_ => Some.Draft())]);
        await DieWithAsync(slots: 16, claims: 16);

        // With 16 slots a suspect of the first level may have eight others beside it.
        var first = await Worker.ClaimAsync(16, room: new SuspectRoom(16));
        first.Select(static c => c.Suspicion).ShouldBe(Enumerable.Repeat(1, 9));
        (await Worker.ClaimAsync(16, room: new SuspectRoom(16, Held: 9, Level: 1))).ShouldBeEmpty();
        (await Worker.ClaimAsync(16, room: new SuspectRoom(16, Held: 7, Level: 1))).Count.ShouldBe(2);

        // One that is here and may have four is not given a fifth.
        (await Worker.ClaimAsync(16, room: new SuspectRoom(16, Held: 1, Level: 2))).Count.ShouldBe(4);
        (await Worker.ClaimAsync(16, room: new SuspectRoom(1, Held: 1, Level: 1))).ShouldBeEmpty();
        (await Worker.ClaimAsync(16, room: new SuspectRoom(1))).Count.ShouldBe(1);
    }

    [Fact]
    [Trait("Rule", "10")]
    public async Task A_suspect_of_a_high_level_waits_for_those_before_it_and_is_not_overtaken()
    {
        var levels = new[] { 1, 3, 1 };
        var drafts = levels.Select(static _ => Some.Draft()).ToList();
        _ = await Worker.EnqueueAllAsync([.. drafts]);
        for (var level = 1; level <= 3; level++)
        {
            var dying = await NewWorkerAsync();
            var claims = await dying.ClaimAsync(3, room: new SuspectRoom(64));
            claims.Count.ShouldBe(3);
            foreach (var claim in claims.Where(c => level > levels[drafts.FindIndex(d => d.Id == c.Job.Id)]))
            {
                (await dying.GiveBackAsync(claim.Token)).ShouldBeTrue();
            }

            _ = await KillAsync(dying);
        }

        // With two slots, two suspects of the first level may run together. One of the third level must be alone, and those behind it wait.
        (await Worker.ClaimAsync(3, room: new SuspectRoom(2))).ShouldHaveSingleItem().Job.Id.ShouldBe(drafts[0].Id);
        (await Worker.ClaimAsync(3, room: new SuspectRoom(2, Held: 1, Level: 1))).ShouldBeEmpty();
        (await Worker.ClaimAsync(3, room: new SuspectRoom(2))).ShouldHaveSingleItem().Job.Id.ShouldBe(drafts[1].Id);
        (await Worker.ClaimAsync(3, room: new SuspectRoom(2, Held: 1, Level: 3))).ShouldBeEmpty();
    }

    [Fact]
    [Trait("Rule", "10")]
    public async Task The_room_for_suspects_is_one_for_all_queues_of_a_flush_and_others_are_claimed_beside_them()
    {
        _ = await Worker.EnqueueAllAsync(Some.Draft(), Some.Draft(queue: "other"), Some.Draft(), Some.Draft(queue: "other"));
        var dying = await NewWorkerAsync();
        _ = await dying.FlushAsync(claims: [new(Some.Queue, 2), new("other", 2)]);
        _ = await KillAsync(dying);
        var innocent = Some.Draft();
        _ = await Worker.EnqueueAsync(innocent);

        var none = await Worker.FlushAsync(claims: [new(Some.Queue, 5), new("other", 5)]);
        none.Claims.ShouldHaveSingleItem().Job.Id.ShouldBe(innocent.Id);
        _ = await Worker.GiveBackAsync(none.Claims[0].Token);

        var some = await Worker.FlushAsync(claims: [new(Some.Queue, 5), new("other", 5)], room: new SuspectRoom(4));
        some.Claims.Select(static c => (c.Job.Queue, c.Suspicion))
            .ShouldBe([(Some.Queue, 1), (Some.Queue, 1), (Some.Queue, 0), ("other", 1)], ignoreOrder: true);
    }

    [Fact]
    [Trait("Rule", "10")]
    public async Task No_more_suspects_are_claimed_than_can_start_at_once()
    {
        _ = await Worker.EnqueueAllAsync([.. Enumerable.Range(0, 4).Select(_ => Some.Draft())]);
        await DieWithAsync(slots: 16, claims: 4);
        var innocent = Some.Draft();
        _ = await Worker.EnqueueAsync(innocent);

        var report = await Worker.FlushAsync(claims: [new ClaimRequest(Some.Queue, 10, Suspects: 2)], room: new SuspectRoom(16));

        report.Claims.Select(static c => c.Suspicion).ShouldBe([1, 1, 0]);
    }

    [Fact]
    [Trait("Rule", "8")]
    public async Task A_worker_is_judged_by_its_own_lease_whatever_the_observers_is()
    {
        var patient = await Store.RegisterAsync(new WorkerInfo("patient", [Some.Queue], []) { Lease = Some.Lease * 3 }, Now, Token);
        var hasty = await Store.RegisterAsync(new WorkerInfo("hasty", [Some.Queue], []) { Lease = Some.Lease / 3 }, Now, Token);
        var report = await BeatAsync(Worker);
        report.Others.ToDictionary(static o => o.Id, static o => o.Lease).ShouldBe(
            new Dictionary<WorkerId, TimeSpan?> { [patient] = Some.Lease * 3, [hasty] = Some.Lease / 3 }, ignoreOrder: true);
        Pass(Some.Lease / 3);

        (await RescueAsync([(patient, 0), (hasty, 0), (Worker.Id, await BeatsOfAsync(Worker))])).Dead.ShouldBe([hasty]);

        // One that does not say its lease is judged by the observer's.
        Pass(Some.Lease * 2 / 3);
        (await RescueAsync([(patient, 0), (Worker.Id, await BeatsOfAsync(Worker))])).Dead.ShouldBe([Worker.Id]);
        Pass(Some.Lease * 2);
        (await RescueAsync([(patient, 0)])).Dead.ShouldBe([patient]);
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

    /// <summary>A worker with so many slots claims, and is never heard of again.</summary>
    private async Task DieWithAsync(int? slots, int claims)
    {
        var id = await Store.RegisterAsync(new WorkerInfo("dying", [Some.Queue], []) { Slots = slots }, Now, Token);
        var dying = new TestWorker(Store, id, () => Now);
        (await dying.ClaimAsync(claims, room: new SuspectRoom(slots ?? 1))).Count.ShouldBe(claims);
        _ = await KillAsync(dying);
    }
}
