using Simmer.Storage;

namespace Simmer.StoreTests.Conformance;

public abstract class Workers<TFactory> : StoreTest<TFactory>
    where TFactory : IStoreFactory, new()
{
    [Fact]
    public async Task A_number_is_never_given_twice()
    {
        var first = await NewWorkerAsync();
        await Store.DeregisterAsync(first.Id, Now, Token);
        var second = await NewWorkerAsync();

        new[] { Worker.Id, first.Id, second.Id }.Distinct().Count().ShouldBe(3);
        second.Id.Value.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task A_beat_counts_and_renews()
    {
        Pass(TimeSpan.FromSeconds(10));
        var before = await BeatsOfAsync(Worker);
        (await BeatAsync(Worker)).Alive.ShouldBeTrue();
        Pass(TimeSpan.FromSeconds(3));

        var record = (await Store.Browser.WorkersAsync(Now, Token)).ShouldHaveSingleItem();
        record.Beats.ShouldBe(before + 1);
        record.BeatAge.ShouldBe(TimeSpan.FromSeconds(3));
        (record.Info.Name, record.Running).ShouldBe(("worker", 0));
        record.Info.Queues.ShouldBe([Some.Queue]);
    }

    [Fact]
    public async Task A_worker_that_is_gone_is_told_so()
    {
        await Store.DeregisterAsync(Worker.Id, Now, Token);

        (await BeatAsync(Worker)).Alive.ShouldBeFalse();
        (await Store.Browser.WorkersAsync(Now, Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_beat_tells_of_queues_with_ready_jobs_that_are_not_paused()
    {
        _ = await Worker.EnqueueAllAsync(Some.Draft(queue: "a"), Some.Draft(queue: "b"), Some.Draft(queue: "c", dueAt: Now.AddHours(1)));
        await PauseAsync(queue: "b");

        (await BeatAsync(Worker)).ReadyQueues.ShouldBe(["a"]);
    }

    [Fact]
    public async Task A_beat_tells_when_the_next_job_is_due()
    {
        (await BeatAsync(Worker)).NextDue.ShouldBeNull();
        _ = await Worker.EnqueueAllAsync(Some.Draft(dueAt: Now.AddHours(2)), Some.Draft(dueAt: Now.AddHours(1)));

        (await BeatAsync(Worker)).NextDue.ShouldBe(Now.AddHours(1));
    }

    [Fact]
    public async Task A_look_tells_what_a_beat_tells_and_renews_nothing()
    {
        var claim = await Worker.StartAsync(Some.Draft());
        _ = await CancelAsync(claim.Job.Id);
        _ = await Worker.EnqueueAllAsync(Some.Draft(queue: "a"), Some.Draft(dueAt: Now.AddHours(1)));
        var other = await NewWorkerAsync();
        _ = await BeatAsync(other, "b");
        var beats = await BeatsOfAsync(Worker);
        Pass(TimeSpan.FromSeconds(7));

        var report = await Store.PollAsync(Worker.Id, Now, Token);

        (report.Alive, report.Others.Count, report.NextDue).ShouldBe((true, 1, Some.Moment.AddHours(1)));
        report.Cancels.ShouldBe([claim.Token]);
        report.ReadyQueues.ShouldBe(["a"]);
        report.IdleElsewhere.ShouldBe(["b"]);
        var record = (await Store.Browser.WorkersAsync(Now, Token)).Single(w => w.Id == Worker.Id);
        (record.Beats, record.BeatAge).ShouldBe((beats, TimeSpan.FromSeconds(7)));
        (await Store.PollAsync(new WorkerId(999_999), Now, Token)).Alive.ShouldBeFalse();
    }

    [Fact]
    [Trait("Rule", "21")]
    public async Task A_beat_tells_of_other_workers_and_where_they_are_idle()
    {
        var alone = await BeatAsync(Worker, "a");
        (alone.Others.Count, alone.IdleElsewhere.Count).ShouldBe((0, 0));
        var other = await NewWorkerAsync();
        _ = await BeatAsync(other, "a", "b");
        Pass(TimeSpan.FromSeconds(7));

        var report = await BeatAsync(Worker, "a");
        report.Others.ShouldBe([new OtherWorker(other.Id, await BeatsOfAsync(other), TimeSpan.FromSeconds(7))]);
        report.IdleElsewhere.ShouldBe(["a", "b"], ignoreOrder: true);

        _ = await BeatAsync(other);
        (await BeatAsync(Worker)).IdleElsewhere.ShouldBeEmpty();
    }

    [Fact]
    [Trait("Rule", "13")]
    public async Task What_a_leaving_worker_owns_goes_back_without_spending_an_attempt()
    {
        var claim = await Worker.StartAsync(Some.Draft());
        var cancelled = Some.Draft(queue: "other");
        _ = await Worker.DispatchAsync(cancelled);
        _ = await CancelAsync(cancelled.Id);

        await Store.DeregisterAsync(Worker.Id, Now, Token);

        var record = await GetAsync(claim.Job.Id);
        (record.State, record.Run, record.Attempt).ShouldBe((JobState.Ready, 1, 0));
        (await StateOfAsync(cancelled.Id)).ShouldBe(JobState.Cancelled);
        var other = await NewWorkerAsync();
        (await other.ClaimAsync()).ShouldHaveSingleItem()
            .ShouldSatisfyAllConditions(c => c.Run.ShouldBe(2), c => c.Suspect.ShouldBeFalse());
    }

    [Fact]
    [Trait("Rule", "4")]
    public async Task The_settlements_and_give_backs_of_a_worker_that_is_gone_are_lost()
    {
        _ = await Worker.EnqueueAllAsync(Some.Draft(), Some.Draft());
        var claims = await Worker.ClaimAsync(2);
        _ = await KillAsync(Worker);

        var report = await Worker.FlushAsync(settlements: [Some.Settlement(claims[0].Token)], giveBacks: [claims[1].Token]);

        report.WorkerGone.ShouldBeTrue();
        report.Settlements.ShouldBe([new SettleReport(false, JobState.Ready)]);
        report.GiveBacks.ShouldBe([false]);
    }
}
