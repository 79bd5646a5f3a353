using Simmer.Storage;

namespace Simmer.StoreTests.Conformance;

public abstract class Browsing<TFactory> : StoreTest<TFactory>
    where TFactory : IStoreFactory, new()
{
    [Fact]
    [Trait("Rule", "29")]
    public async Task Get_answers_in_the_order_asked_finished_or_not()
    {
        var finished = await Worker.StartAsync(Some.Draft());
        _ = await Worker.SettleAsync(finished, JobState.Succeeded);
        var ready = Some.Draft();
        _ = await Worker.EnqueueAsync(ready);

        var records = await Store.Browser.GetAsync([ready.Id, Some.Id(), finished.Job.Id], Token);

        records.Select(r => r?.State).ShouldBe([JobState.Ready, null, JobState.Succeeded]);
    }

    [Fact]
    public async Task List_is_newest_first_in_pages()
    {
        var jobs = Enumerable.Range(0, 5).Select(_ => Some.Draft()).ToArray();
        _ = await Worker.EnqueueAllAsync(jobs);
        _ = await Worker.SettleAsync((await Worker.ClaimAsync())[0], JobState.Succeeded);

        var first = await ListAsync(new JobQuery { Limit = 2 });
        first.ShouldBe([jobs[4].Id, jobs[3].Id]);
        (await ListAsync(new JobQuery { Limit = 10, Before = first[^1] })).ShouldBe([jobs[2].Id, jobs[1].Id, jobs[0].Id]);
    }

    [Fact]
    public async Task List_filters_by_queue_kind_state_and_tag()
    {
        var (a, b, c) = (Some.Draft(queue: "a", tags: ["x", "y"]), Some.Draft(kind: "burn-letters", tags: ["y"]),
            Some.Draft(dueAt: Now.AddHours(1), tags: ["xy"]));
        _ = await Worker.EnqueueAllAsync(a, b, c);
        _ = await Worker.SettleAsync((await Worker.ClaimAsync(1, "a"))[0], JobState.Failed);

        (await ListAsync(new JobQuery { Queue = "a" })).ShouldBe([a.Id]);
        (await ListAsync(new JobQuery { Kind = "burn-letters" })).ShouldBe([b.Id]);
        (await ListAsync(new JobQuery { State = JobState.Scheduled })).ShouldBe([c.Id]);
        (await ListAsync(new JobQuery { State = JobState.Failed })).ShouldBe([a.Id]);
        (await ListAsync(new JobQuery { Tag = "y" })).ShouldBe([b.Id, a.Id]);
        (await ListAsync(new JobQuery { Tag = "x" })).ShouldBe([a.Id]);
        (await ListAsync(new JobQuery { Tag = "y", Queue = Some.Queue })).ShouldBe([b.Id]);
    }

    [Fact]
    public async Task Count_is_by_queue_and_state()
    {
        _ = await Worker.EnqueueAllAsync(Some.Draft(), Some.Draft(), Some.Draft(), Some.Draft(queue: "a", dueAt: Now.AddHours(1)));
        _ = await Worker.SettleAsync((await Worker.ClaimAsync())[0], JobState.Succeeded);
        _ = await Worker.ClaimAsync();

        (await Store.Browser.CountAsync(Token)).ShouldBe(
            [
                new JobCount("a", JobState.Scheduled, 1),
                new JobCount(Some.Queue, JobState.Ready, 1),
                new JobCount(Some.Queue, JobState.Running, 1),
                new JobCount(Some.Queue, JobState.Succeeded, 1),
            ],
            ignoreOrder: true);
    }

    [Fact]
    public async Task Queues_tells_what_waits_since_when_and_what_is_paused()
    {
        var since = Now;
        _ = await Worker.EnqueueAsync(Some.Draft());
        Pass(TimeSpan.FromMinutes(1));
        _ = await Worker.EnqueueAllAsync(Some.Draft(), Some.Draft(queue: "later", dueAt: Now.AddHours(1)));
        await PauseAsync(queue: "asleep");

        (await Store.Browser.QueuesAsync(Token)).ShouldBe(
            [new QueueRecord(Some.Queue, false, 2, since), new QueueRecord("later", false, 0, null),
                new QueueRecord("asleep", true, 0, null) { Pause = new QueuePause(null, null, Now) }],
            ignoreOrder: true);
    }

    [Fact]
    public async Task Queues_counts_no_further_than_it_says()
    {
        _ = await Worker
            .EnqueueAllAsync([.. Enumerable.Range(0, QueueRecord.CountedUpTo + 7).Select(static _ => Some.Draft(queue: "long"))]);
        _ = await Worker.EnqueueAsync(Some.Draft());

        (await Store.Browser.QueuesAsync(Token))
            .ShouldBe([new QueueRecord("long", false, QueueRecord.CountedUpTo, Now), new QueueRecord(Some.Queue, false, 1, Now)],
            ignoreOrder: true);
        (await Store.Browser.CountAsync(Token)).ShouldContain(new JobCount("long", JobState.Ready, QueueRecord.CountedUpTo + 7));
    }

    [Fact]
    public async Task Versions_are_those_of_the_records_and_only_of_what_is_unfinished()
    {
        var finished = await Worker.StartAsync(Some.Draft());
        _ = await Worker.SettleAsync(finished, JobState.Succeeded);
        var (later, running) = (Some.Draft(dueAt: Now.AddHours(1)), await Worker.StartAsync(Some.Draft()));
        _ = await Worker.EnqueueAsync(later);
        JobId[] ids = [running.Job.Id, Some.Id(), later.Id, finished.Job.Id, running.Job.Id];
        var before = await Store.Browser.GetAsync(ids, Token);

        (await Store.Browser.VersionsAsync(ids, Token)).ShouldBe([before[0]!.Version, null, before[2]!.Version, null, before[0]!.Version]);
        (await Store.Browser.VersionsAsync([], Token)).ShouldBeEmpty();

        _ = await Worker.FlushAsync(progress: [new ProgressNote(running.Token, 0.5, "half", false)]);
        _ = await Store.CancelAsync([later.Id], "why", Now, Token);

        var after = await Store.Browser.VersionsAsync(ids, Token);
        after[0].ShouldBe((await Store.Browser.GetAsync(ids, Token))[0]!.Version);
        after[0]!.Value.ShouldBeGreaterThan(before[0]!.Version);
        after[2].ShouldBeNull();
    }

    [Fact]
    public async Task Workers_tells_how_many_jobs_each_runs()
    {
        _ = await Worker.EnqueueAllAsync(Some.Draft(), Some.Draft());
        _ = await Worker.ClaimAsync(2);
        var other = await NewWorkerAsync("other");

        var workers = await Store.Browser.WorkersAsync(Now, Token);

        workers.Single(w => w.Id == Worker.Id).Running.ShouldBe(2);
        workers.Single(w => w.Id == other.Id).ShouldSatisfyAllConditions(w => w.Running.ShouldBe(0), w => w.Info.Name.ShouldBe("other"));
    }

    private async Task<IReadOnlyList<JobId>> ListAsync(JobQuery query) =>
        [.. (await Store.Browser.ListAsync(query, Token)).Select(r => r.Id)];
}
