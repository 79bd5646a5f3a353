using System.Collections.Concurrent;
using Simmer.Storage;

namespace Simmer.StoreTests.Conformance;

[Trait("Rule", "19")]
public abstract class Claiming<TFactory> : StoreTest<TFactory>
    where TFactory : IStoreFactory, new()
{
    [Fact]
    public async Task A_claim_is_a_run_and_an_attempt()
    {
        var claim = await Worker.StartAsync(Some.Draft());

        (claim.Run, claim.Attempt, claim.Forgiven, claim.Suspect, claim.CancelRequested).ShouldBe((1, 1, 0, false, false));
        var record = await GetAsync(claim.Job.Id);
        (record.State, record.Run, record.Attempt, record.Worker).ShouldBe((JobState.Running, 1, 1, "worker"));
    }

    [Fact]
    public async Task The_first_stored_is_claimed_first()
    {
        // The ids fall, so that an order by id would show.
        var jobs = Enumerable.Range(0, 5).Select(_ => Some.Draft()).Reverse().ToArray();
        _ = await Worker.EnqueueAllAsync(jobs);

        (await Worker.ClaimAsync(9)).Select(c => c.Job.Id).ShouldBe(jobs.Select(j => j.Id));
    }

    [Fact]
    public async Task A_higher_priority_is_claimed_first()
    {
        var (low, middle, high, middle2) = (Some.Draft(priority: -5), Some.Draft(), Some.Draft(priority: 1000), Some.Draft());
        _ = await Worker.EnqueueAllAsync(low, middle, high, middle2);

        (await Worker.ClaimAsync(9)).Select(c => c.Job.Id).ShouldBe([high.Id, middle.Id, middle2.Id, low.Id]);
    }

    [Fact]
    public async Task No_more_are_claimed_than_asked_for()
    {
        var jobs = Enumerable.Range(0, 5).Select(_ => Some.Draft()).ToArray();
        _ = await Worker.EnqueueAllAsync(jobs);

        (await Worker.ClaimAsync(2)).Select(c => c.Job.Id).ShouldBe(jobs.Take(2).Select(j => j.Id));
        (await Worker.ClaimAsync(0)).ShouldBeEmpty();
        (await Worker.ClaimAsync(2)).Select(c => c.Job.Id).ShouldBe(jobs.Skip(2).Take(2).Select(j => j.Id));
    }

    [Fact]
    public async Task Two_workers_never_have_the_same_job()
    {
        _ = await Worker.EnqueueAllAsync(Some.Draft(), Some.Draft(), Some.Draft());
        var other = await NewWorkerAsync();

        var mine = await Worker.ClaimAsync(2);
        var theirs = await other.ClaimAsync(2);

        mine.Concat(theirs).Select(c => c.Job.Id).Distinct().Count().ShouldBe(3);
    }

    [Fact]
    public async Task Only_the_queues_asked_for_are_claimed_each_up_to_its_count()
    {
        var (a, b, c) = (Some.Draft(queue: "a"), Some.Draft(queue: "b"), Some.Draft(queue: "c"));
        _ = await Worker.EnqueueAllAsync(a, Some.Draft(queue: "a"), b, c);

        var report = await Worker.FlushAsync(claims: [new("b", 5), new("a", 1)]);

        report.Claims.Select(claim => claim.Job.Id).ShouldBe([b.Id, a.Id], ignoreOrder: true);
        (await StateOfAsync(c.Id)).ShouldBe(JobState.Ready);
    }

    [Fact]
    public async Task What_a_flush_enqueues_it_can_claim()
    {
        var job = Some.Draft();

        var report = await Worker.FlushAsync(enqueues: [new(job, false)], claims: [new(Some.Queue, 1)]);

        report.Enqueues[0].Status.ShouldBe(EnqueueStatus.Stored);
        report.Claims.ShouldHaveSingleItem().Job.Id.ShouldBe(job.Id);
    }

    [Fact]
    public async Task A_slot_that_a_flush_frees_it_can_fill()
    {
        var first = await Worker.StartAsync(Some.Draft());
        var next = Some.Draft();
        _ = await Worker.EnqueueAsync(next);

        var report = await Worker.FlushAsync(settlements: [Some.Settlement(first.Token)], claims: [new(Some.Queue, 1)]);

        report.Settlements[0].Settled.ShouldBeTrue();
        report.Claims.ShouldHaveSingleItem().Job.Id.ShouldBe(next.Id);
    }

    [Fact]
    public async Task Kinds_that_the_worker_does_not_know_are_left_for_others()
    {
        var (foreign, known) = (Some.Draft(kind: "burn-letters", priority: 9), Some.Draft());
        _ = await Worker.EnqueueAllAsync(foreign, known);

        var report = await Worker.FlushAsync(claims: [new(Some.Queue, 5)], kinds: [Some.Kind]);

        report.Claims.ShouldHaveSingleItem().Job.Id.ShouldBe(known.Id);
        (await StateOfAsync(foreign.Id)).ShouldBe(JobState.Ready);
        (await Worker.ClaimAsync(5)).ShouldHaveSingleItem().Job.Id.ShouldBe(foreign.Id);
    }

    [Fact]
    public async Task A_paused_queue_gives_nothing_until_it_is_resumed()
    {
        var job = Some.Draft();
        _ = await Worker.EnqueueAllAsync(job, Some.Draft(queue: "other"));
        await PauseAsync();

        var report = await Worker.FlushAsync(claims: [new(Some.Queue, 1), new("other", 1)]);
        report.Claims.ShouldHaveSingleItem().Job.Queue.ShouldBe("other");

        await PauseAsync(false);
        (await Worker.ClaimAsync()).ShouldHaveSingleItem().Job.Id.ShouldBe(job.Id);
    }

    [Fact]
    public async Task A_worker_is_told_what_it_owns()
    {
        var claim = await Worker.StartAsync(Some.Draft());
        var dispatched = Some.Draft();
        _ = await Worker.DispatchAsync(dispatched);
        var other = await NewWorkerAsync();
        _ = await other.StartAsync(Some.Draft());

        var owned = (await Store.ClaimsOfAsync(Worker.Id, Token)).Claims;

        owned.Select(c => c.Token).ShouldBe([claim.Token, new LeaseToken(dispatched.Id, 1)], ignoreOrder: true);
        owned.ShouldAllBe(c => c.Job.Kind == Some.Kind && c.Attempt == 1);
    }

    [Fact]
    public async Task Workers_at_the_same_time_run_every_job_once()
    {
        const int Workers = 4, Rounds = 25;
        var ran = new ConcurrentBag<LeaseToken>();
        async Task WorkAsync(TestWorker worker)
        {
            IReadOnlyList<Settlement> ended = [];
            for (var round = 0; round < Rounds; round++)
            {
                var report = await worker.FlushAsync(
                    ended, enqueues: [new(Some.Draft(), true), new(Some.Draft(), false), new(Some.Draft(), false)],
                        claims: [new(Some.Queue, 4)]);
                report.Settlements.ShouldAllBe(s => s.Settled);
                LeaseToken[] started =
                [
                    .. report.Enqueues.Where(e => e.Status == EnqueueStatus.Dispatched).Select(e => new LeaseToken(e.Id, 1)),
                    .. report.Claims.Select(c => c.Token),
                ];
                Array.ForEach(started, ran.Add);
                ended = [.. started.Select(token => Some.Settlement(token))];
            }

            _ = await worker.FlushAsync(ended);
        }

        var workers = new List<TestWorker>();
        for (var i = 0; i < Workers; i++)
        {
            workers.Add(await NewWorkerAsync());
        }

        await Task.WhenAll(workers.Select(worker => Task.Run(() => WorkAsync(worker))));
        while (await Worker.ClaimAsync(10) is { Count: > 0 } rest)
        {
            foreach (var claim in rest)
            {
                ran.Add(claim.Token);
                _ = await Worker.SettleAsync(claim, JobState.Succeeded);
            }
        }

        ran.ShouldBeUnique();
        ran.ShouldAllBe(token => token.Run == 1);
        (await Store.Browser.CountAsync(Token)).ShouldBe([new JobCount(Some.Queue, JobState.Succeeded, Workers * Rounds * 3)]);
    }

    [Fact]
    public async Task Two_instances_on_the_same_data_share_the_work()
    {
        await using var second = await ReopenAsync();
        var there = await NewWorkerAsync("there", second);
        var jobs = Enumerable.Range(0, 4).Select(_ => Some.Draft()).ToArray();
        _ = await Worker.EnqueueAllAsync(jobs);

        var mine = await Worker.ClaimAsync(2);
        var theirs = await there.ClaimAsync(2);

        mine.Concat(theirs).Select(c => c.Job.Id).ShouldBe(jobs.Select(j => j.Id));
    }

    [Fact]
    public async Task A_worker_finds_the_jobs_of_a_queue_and_a_kind_that_another_instance_is_first_to_use()
    {
        await using var second = await ReopenAsync();
        var there = await NewWorkerAsync("there", second);
        (await there.ClaimAsync()).ShouldBeEmpty();

        var job = Some.Draft();
        _ = await Worker.EnqueueAsync(job);

        (await BeatAsync(there, Some.Queue)).ReadyQueues.ShouldBe([Some.Queue]);
        (await there.ClaimAsync()).ShouldHaveSingleItem().Job.Id.ShouldBe(job.Id);
    }
}
