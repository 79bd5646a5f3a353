using Simmer.Storage;

namespace Simmer.StoreTests.Conformance;

/// <summary>Whatever ends as cancelled without a settlement is kept as long as its own queue says.</summary>
public abstract class Retaining<TFactory> : StoreTest<TFactory>
    where TFactory : IStoreFactory, new()
{
    private static readonly TimeSpan s_short = TimeSpan.FromHours(1);

    private static readonly TimeSpan s_long = TimeSpan.FromDays(3);

    public static TheoryData<End> Ways => [.. Enum.GetValues<End>()];

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_job_is_kept_as_long_as_its_queue_says_however_it_ends(End way)
    {
        await KeepAsync(s_short, "short");
        await KeepAsync(s_long, "long");

        var jobs = await EndAsync(way, "short", "long", "of nobody");

        await ShouldBeKeptAsync(jobs[0], s_short);
        await ShouldBeKeptAsync(jobs[1], s_long - s_short);
        await ShouldBeKeptAsync(jobs[2], StoreRules.KeptByDefault - s_long);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Where_a_queue_keeps_nothing_a_job_is_gone_at_once_and_its_neighbour_stays(End way)
    {
        await KeepAsync(TimeSpan.Zero, "none");
        await KeepAsync(TimeSpan.MaxValue, "for ever");

        var jobs = await EndAsync(way, "none", "for ever");

        (await FindAsync(jobs[0])).ShouldBeNull();
        Pass(TimeSpan.FromDays(10_000));
        _ = await PruneAsync();
        (await StateOfAsync(jobs[1])).ShouldBe(JobState.Cancelled);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task What_is_declared_when_a_job_ends_counts_and_not_what_was_when_it_was_stored(End way)
    {
        await KeepAsync(TimeSpan.Zero);

        var jobs = await EndAsync(way, () => KeepAsync(s_short), Some.Queue);

        await ShouldBeKeptAsync(jobs[0], s_short);
    }

    [Fact]
    public async Task A_cancel_says_whether_anything_is_kept()
    {
        await KeepAsync(TimeSpan.Zero, "none");
        await KeepAsync(s_short, "short");
        var (forgotten, kept, running) = (Some.Draft(queue: "none"), Some.Draft(queue: "short"), Some.Draft(queue: "none"));
        _ = await Worker.StartAsync(running);
        _ = await Worker.EnqueueAllAsync(forgotten, kept);

        (await Store.CancelAsync([forgotten.Id, kept.Id, running.Id, Some.Id()], null, Now, Token))
            .Select(static r => (r.Result, r.IsForgotten)).ShouldBe([(CancelResult.Cancelled, true), (CancelResult.Cancelled, false),
                (CancelResult.Requested, false), (CancelResult.NotFound, false)]);
    }

    [Fact]
    public async Task A_settlement_says_its_own_time()
    {
        await KeepAsync(TimeSpan.Zero);
        var claim = await Worker.StartAsync(Some.Draft());
        _ = await CancelAsync(claim.Job.Id);

        _ = await Worker.SettleAsync(Some.Settlement(claim.Token, JobState.Ready, keepCancelledFor: s_short));

        await ShouldBeKeptAsync(claim.Job.Id, s_short);
    }

    private ValueTask<List<JobId>> EndAsync(End way, params string[] queues) => EndAsync(way, static () => default, queues);

    /// <summary>Ends a job in each queue; all at the same time.</summary>
    private async ValueTask<List<JobId>> EndAsync(End way, Func<ValueTask> before, params string[] queues)
    {
        var expires = way is End.ExpiredAtItsClaim or End.ExpiredWhileReady or End.ExpiredWhileScheduled;
        var waits = way is End.ExpiredWhileScheduled or End.CancelledWhileScheduled;
        List<JobDraft> jobs = [.. queues.Select(queue => Some.Draft(queue: queue, dueAt: waits ? Now.AddHours(1) : null,
            expiresAt: expires ? Now.AddMinutes(1) : null))];
        List<JobId> ids = [.. jobs.Select(static job => job.Id)];
        var worker = await NewWorkerAsync();
        _ = await worker.EnqueueAllAsync([.. jobs]);
        var claims = new List<JobClaim>();
        if (way is End.GivenBack or End.GivenBackByItsDeregistration or End.Rescued)
        {
            claims.AddRange((await worker.FlushAsync(claims: [.. queues.Select(static queue => new ClaimRequest(queue, 1))])).Claims);
            (await Store.CancelAsync(ids, "not wanted", Now, Token)).ShouldAllBe(static r => r.Result == CancelResult.Requested);
        }

        Pass(expires ? TimeSpan.FromMinutes(1) : default);
        await before();
        switch (way)
        {
            case End.ExpiredAtItsClaim:
                (await worker.FlushAsync(claims: [.. queues.Select(static queue => new ClaimRequest(queue, 1))])).Expired
                    .ShouldBe(ids, ignoreOrder: true);
                break;
            case End.ExpiredWhileReady or End.ExpiredWhileScheduled:
                (await PruneAsync()).Expired.ShouldBe(ids, ignoreOrder: true);
                break;
            case End.CancelledWhileReady or End.CancelledWhileScheduled:
                (await Store.CancelAsync(ids, "not wanted", Now, Token)).ShouldAllBe(static r => r.Result == CancelResult.Cancelled);
                break;
            case End.GivenBack:
                (await worker.FlushAsync(giveBacks: [.. claims.Select(static c => c.Token)])).GiveBacks.ShouldAllBe(static held => held);
                break;
            case End.GivenBackByItsDeregistration:
                await Store.DeregisterAsync(worker.Id, Now, Token);
                break;
            case End.Rescued:
                (await KillAsync(worker)).Cancelled.ShouldBe(ids, ignoreOrder: true);
                break;
        }

        return ids;
    }

    /// <summary>The job is there until so much time has passed, and not a second longer.</summary>
    private async ValueTask ShouldBeKeptAsync(JobId id, TimeSpan time)
    {
        Pass(time - TimeSpan.FromSeconds(1));
        _ = await PruneAsync();
        (await StateOfAsync(id)).ShouldBe(JobState.Cancelled);
        Pass(TimeSpan.FromSeconds(1));
        _ = await PruneAsync();
        (await FindAsync(id)).ShouldBeNull();
    }
}

/// <summary>How a job ends as cancelled without a settlement.</summary>
public enum End
{
    ExpiredAtItsClaim,
    ExpiredWhileReady,
    ExpiredWhileScheduled,
    CancelledWhileReady,
    CancelledWhileScheduled,
    GivenBack,
    GivenBackByItsDeregistration,
    Rescued,
}
