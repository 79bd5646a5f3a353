using Microsoft.Extensions.DependencyInjection;
using Simmer.Tests.Durable;
using Simmer.Tests.Engine;

namespace Simmer.Tests.Operating;

/// <summary>An operator in one process, jobs and workers in another: on a database they share it, in memory they are one.</summary>
public abstract class OperatorTests<TDatabase> : DurableTest<TDatabase>, IAsyncLifetime
    where TDatabase : IJobDatabase, new()
{
    private static readonly EnqueueOptions s_later = new() { Delay = TimeSpan.FromHours(1) };

    private readonly OpCourse _course = new();
    private EngineHost _worker = null!;
    private EngineHost _other = null!;

    private IJobOperator Operator => _other.Services.GetRequiredService<IJobOperator>();

    async ValueTask IAsyncLifetime.InitializeAsync()
    {
        await InitializeAsync();
        _worker = await StartAsync(Configure);
        _other = typeof(TDatabase) == typeof(InMemoryJobs) ? _worker : await StartClientAsync(Configure);
    }

    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        if (_other != _worker)
        {
            await _other.DisposeAsync();
        }

        await _worker.DisposeAsync();
        await DisposeAsync();
    }

    [Fact]
    public async Task Pages_go_through_all_jobs_newest_first()
    {
        var ids = await EnqueueAsync(5, s_later);

        var seen = new List<JobId>();
        JobId? next = null;
        do
        {
            var page = await Operator.ListAsync(limit: 2, after: next, cancellationToken: Cancelled);
            page.Jobs.Count.ShouldBeLessThanOrEqualTo(2);
            seen.AddRange(page.Jobs.Select(static j => j.Id));
            next = page.Next;
        }
        while (next is not null);

        seen.ShouldBe(ids.OrderDescending());
    }

    [Fact]
    public async Task A_filter_narrows_lists_and_counts()
    {
        var tagged = (await EnqueueAsync(2, s_later with { Tags = ["big"] })).OrderDescending().ToList();
        var mail = (await EnqueueAsync(1, s_later with { Queue = "mail" }))[0];
        var before = (await _worker.Jobs.GetAsync(mail, Cancelled))!.EnqueuedAt;

        (await IdsAsync(new JobFilter { Tag = "big" })).ShouldBe(tagged);
        (await IdsAsync(new JobFilter { Queue = "MAIL" })).ShouldBe([mail]);
        (await IdsAsync(new JobFilter { Kind = "op", State = JobState.Scheduled })).Count.ShouldBe(3);
        (await IdsAsync(new JobFilter { State = JobState.Failed })).ShouldBeEmpty();
        (await IdsAsync(new JobFilter { Kind = "other" })).ShouldBeEmpty();
        (await IdsAsync(new JobFilter { EnqueuedAfter = before.AddMinutes(1) })).ShouldBeEmpty();
        (await IdsAsync(new JobFilter { EnqueuedBefore = before.AddMinutes(1) })).Count.ShouldBe(3);
        (await Operator.CountAsync(new JobFilter(), cancellationToken: Cancelled)).ShouldBe(3);
        (await Operator.CountAsync(new JobFilter(), upTo: 2, Cancelled)).ShouldBe(2);
        (await Operator.CountAsync(Cancelled)).ShouldBe(
            [new JobCount("default", JobState.Scheduled, 2), new JobCount("mail", JobState.Scheduled, 1)]);
    }

    [Fact]
    public async Task A_queue_that_is_paused_starts_nothing_until_it_is_resumed()
    {
        await Operator.PauseQueueAsync("MAIL", "a deploy", "ann", Cancelled);
        var id = (await EnqueueAsync(1, new EnqueueOptions { Queue = "mail" }))[0];

        var queue = (await Operator.GetQueuesAsync(Cancelled)).Single(static q => q.Name == "mail");
        (queue.IsDeclared, queue.Ready).ShouldBe((true, 1));
        queue.OldestReady.ShouldNotBeNull().ShouldBeGreaterThanOrEqualTo(TimeSpan.Zero);
        queue.Pause.ShouldNotBeNull().ShouldSatisfyAllConditions(
            static p => p.Reason.ShouldBe("a deploy"), static p => p.By.ShouldBe("ann"), static p => p.Since.ShouldNotBeNull());
        (await _worker.Jobs.GetAsync(id, Cancelled))!.State.ShouldBe(JobState.Ready);

        await Operator.ResumeQueueAsync("mail", Cancelled);

        (await _other.Jobs.WaitAsync(id, Cancelled))!.State.ShouldBe(JobState.Succeeded);
        (await Operator.GetQueuesAsync(Cancelled)).Single(static q => q.Name == "mail").Pause.ShouldBeNull();
    }

    [Fact]
    public async Task Queues_that_cannot_be_paused_are_refused()
    {
        (await Should.ThrowAsync<ArgumentException>(Operator.PauseQueueAsync("mial", cancellationToken: Cancelled))).Message
            .ShouldContain("did you mean 'mail'?");
        (await Should.ThrowAsync<ArgumentException>(Operator.ResumeQueueAsync("after-response", Cancelled))).Message
            .ShouldContain("cannot be paused");
    }

    [Fact]
    public async Task Many_failed_jobs_run_again_in_batches()
    {
        _course.Fails = true;
        var ids = await EnqueueAsync(7);
        await EndedAsync(ids, JobState.Failed);
        _course.Fails = false;
        var reports = new Reports();

        var result = await Operator.RetryManyAsync(new JobFilter { Kind = "op" },
            new BulkOptions { BatchSize = 3, Progress = reports }, Cancelled);

        result.ShouldBe(new BulkResult { Matched = 7, Changed = 7 });
        reports.All.Select(static r => r.Changed).ShouldBe([3, 6, 7]);
        await EndedAsync(ids, JobState.Succeeded);
        (await Operator.RetryManyAsync(new JobFilter(), cancellationToken: Cancelled)).ShouldBe(new BulkResult());
    }

    [Fact]
    public async Task Many_waiting_jobs_are_cancelled_with_the_reason()
    {
        var ids = await EnqueueAsync(4, s_later);

        (await Operator.CancelManyAsync(new JobFilter(), "no more", cancellationToken: Cancelled))
            .ShouldBe(new BulkResult { Matched = 4, Changed = 4 });

        foreach (var id in ids)
        {
            (await _worker.Jobs.GetAsync(id, Cancelled))!.ShouldSatisfyAllConditions(
                static j => j.State.ShouldBe(JobState.Cancelled), static j => j.Reason.ShouldBe("no more"));
        }
    }

    [Fact]
    public async Task Running_jobs_are_told_to_stop()
    {
        _course.Release = Task.Delay(Timeout.Infinite, Cancelled);
        var ids = await EnqueueAsync(2);
        await Until.TrueAsync(async () => (await IdsAsync(new JobFilter { State = JobState.Running })).Count == 2, "both run");

        (await Operator.DeleteManyAsync(new JobFilter(), cancellationToken: Cancelled)).ShouldBe(new BulkResult());
        (await Operator.CancelManyAsync(new JobFilter { State = JobState.Running }, "no more", cancellationToken: Cancelled)).Changed
            .ShouldBe(2);

        await EndedAsync(ids, JobState.Cancelled);
    }

    [Fact]
    public async Task A_dry_run_counts_up_to_its_limit_and_changes_nothing()
    {
        await EnqueueAsync(5, s_later);

        (await Operator.CancelManyAsync(new JobFilter(), options: new BulkOptions { DryRun = true }, cancellationToken: Cancelled))
            .ShouldBe(new BulkResult { Matched = 5 });
        (await Operator.DeleteManyAsync(new JobFilter(), new BulkOptions { DryRun = true, Limit = 3 }, Cancelled))
            .ShouldBe(new BulkResult { Matched = 3, LimitReached = true });

        (await Operator.CountAsync(new JobFilter { State = JobState.Scheduled }, cancellationToken: Cancelled)).ShouldBe(5);
    }

    [Fact]
    public async Task A_limit_stops_between_the_newest_and_the_rest()
    {
        var ids = await EnqueueAsync(5, s_later);

        (await Operator.CancelManyAsync(new JobFilter(), options: new BulkOptions { BatchSize = 2, Limit = 3 },
            cancellationToken: Cancelled)).ShouldBe(new BulkResult { Matched = 3, Changed = 3, LimitReached = true });

        (await IdsAsync(new JobFilter { State = JobState.Cancelled })).ShouldBe(ids.OrderDescending().Take(3));
    }

    [Fact]
    public async Task A_caller_who_gives_up_leaves_whole_batches_done()
    {
        await EnqueueAsync(5, s_later);
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var reports = new Reports(_ => giveUp.Cancel());

        await Should.ThrowAsync<OperationCanceledException>(Operator.CancelManyAsync(new JobFilter(),
            options: new BulkOptions { BatchSize = 2, Progress = reports }, cancellationToken: giveUp.Token));

        reports.All.ShouldHaveSingleItem().Changed.ShouldBe(2);
        (await Operator.CountAsync(new JobFilter { State = JobState.Cancelled }, cancellationToken: Cancelled)).ShouldBe(2);
    }

    [Fact]
    public async Task Steps_are_left_where_many_jobs_are_deleted()
    {
        await EnqueueAsync(3, s_later);
        var flow = await _worker.Jobs.EnqueueAsync(Chain.Of(new Op(1), options: s_later).Then(new Op(2)), cancellationToken: Cancelled);

        (await Operator.DeleteManyAsync(new JobFilter(), new BulkOptions { BatchSize = 2 }, Cancelled))
            .ShouldBe(new BulkResult { Matched = 5, Changed = 3, Left = 2 });

        (await IdsAsync(new JobFilter())).ShouldBe([flow.Id.Step(2), flow.Id.Step(1)]);
        (await _other.Jobs.DeleteAsync(flow.Id.Step(1), Cancelled)).ShouldBe(DeleteResult.PartOfWorkflow);
        (await _other.Jobs.DeleteAsync(flow.Id, Cancelled)).ShouldBe(DeleteResult.Deleted);
    }

    [Fact]
    public async Task A_client_deletes_a_job_unless_it_runs()
    {
        var waits = (await EnqueueAsync(1, s_later))[0];
        (await _other.Jobs.DeleteAsync(waits, Cancelled)).ShouldBe(DeleteResult.Deleted);
        (await _other.Jobs.GetAsync(waits, Cancelled)).ShouldBeNull();
        (await _other.Jobs.DeleteAsync(waits, Cancelled)).ShouldBe(DeleteResult.NotFound);

        _course.Release = Task.Delay(Timeout.Infinite, Cancelled);
        var runs = (await EnqueueAsync(1))[0];
        await Until.TrueAsync(async () => (await _worker.Jobs.GetAsync(runs, Cancelled))!.State == JobState.Running, "it runs");
        (await _other.Jobs.DeleteAsync(runs, Cancelled)).ShouldBe(DeleteResult.StillRunning);
        _ = await _other.Jobs.CancelAsync(runs, cancellationToken: Cancelled);
        await EndedAsync([runs], JobState.Cancelled);
    }

    [Fact]
    public async Task Workers_show_what_they_work_on() =>
        (await Operator.GetWorkersAsync(Cancelled))
            .ShouldContain(static w => w.Queues.Contains("mail") && w.BeatAge < TimeSpan.FromMinutes(1));

    [Fact]
    public async Task Wrong_input_is_refused_before_anything_is_done()
    {
        var all = new JobFilter();
        (await Should.ThrowAsync<ArgumentException>(Operator.RetryManyAsync(new JobFilter { State = JobState.Ready },
            cancellationToken: Cancelled))).Message.ShouldContain("it takes Failed, Cancelled, or null");
        await Should.ThrowAsync<ArgumentException>(Operator.CancelManyAsync(new JobFilter { State = JobState.Failed },
            cancellationToken: Cancelled));
        await Should.ThrowAsync<ArgumentException>(Operator.DeleteManyAsync(new JobFilter { State = JobState.Running },
            cancellationToken: Cancelled));
        await Should.ThrowAsync<ArgumentException>(Operator.ListAsync(new JobFilter { Durability = (Durability)7 },
            cancellationToken: Cancelled));
        foreach (var size in new[] { 0, 1_001 })
        {
            await Should.ThrowAsync<ArgumentOutOfRangeException>(Operator.ListAsync(all, size, cancellationToken: Cancelled));
            await Should.ThrowAsync<ArgumentOutOfRangeException>(
                Operator.RetryManyAsync(all, new BulkOptions { BatchSize = size }, Cancelled));
        }

        await Should.ThrowAsync<ArgumentOutOfRangeException>(Operator.RetryManyAsync(all, new BulkOptions { Limit = 0 }, Cancelled));
        await Should.ThrowAsync<ArgumentNullException>(Operator.RetryManyAsync(null!, cancellationToken: Cancelled));
    }

    private void Configure(SimmerBuilder simmer)
    {
        simmer.Services.AddSingleton(_course);
        simmer.Configure(static o => o.PollInterval = TimeSpan.FromMilliseconds(200)).AddQueue("mail")
            .AddJob(static (Op _, OpCourse course, CancellationToken cancellationToken) => course.RunAsync(cancellationToken));
    }

    private async Task<List<JobId>> EnqueueAsync(int count, EnqueueOptions? options = null) =>
        [.. (await _other.Jobs.EnqueueManyAsync(Enumerable.Range(1, count).Select(static n => new Op(n)), options, Cancelled))
            .Select(static h => h.Id)];

    private async Task<List<JobId>> IdsAsync(JobFilter filter) =>
        [.. (await Operator.ListAsync(filter, cancellationToken: Cancelled)).Jobs.Select(static j => j.Id)];

    private async Task EndedAsync(IEnumerable<JobId> ids, JobState state)
    {
        foreach (var id in ids)
        {
            (await _other.Jobs.WaitAsync(id, Cancelled))!.State.ShouldBe(state);
        }
    }
}
