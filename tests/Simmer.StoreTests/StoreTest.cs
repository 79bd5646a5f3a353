using Simmer.Storage;

namespace Simmer.StoreTests;

/// <summary>The ground of every conformance class: an empty store, a worker, and a clock that only the test moves.</summary>
public abstract class StoreTest<TFactory> : IAsyncLifetime
    where TFactory : IStoreFactory, new()
{
    protected TFactory Factory { get; } = new();

    private int _declarations;

    protected DateTimeOffset Now { get; set; } = Some.Moment;

    protected IJobStore Store { get; private set; } = null!;

    /// <summary>The worker of tests that need one.</summary>
    protected TestWorker Worker { get; private set; } = null!;

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Store = await Factory.CreateAsync();
        Worker = await NewWorkerAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        await Factory.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected async ValueTask<TestWorker> NewWorkerAsync(string name = "worker", IJobStore? store = null)
    {
        store ??= Store;
        var id = await store.RegisterAsync(new WorkerInfo(name, [Some.Queue], []), Now, Token);
        return new TestWorker(store, id, () => Now);
    }

    /// <summary>A second instance on the same data; the test is skipped where there is no such thing.</summary>
    protected async ValueTask<IJobStore> ReopenAsync()
    {
        var second = await Factory.ReopenAsync();
        Assert.SkipWhen(second is null, "This store belongs to one process.");
        return second!;
    }

    protected void Pass(TimeSpan time) => Now += time;

    protected async ValueTask<JobRecord> GetAsync(JobId id) => (await FindAsync(id)).ShouldNotBeNull();

    protected async ValueTask<JobRecord?> FindAsync(JobId id) => (await Store.Browser.GetAsync([id], Token))[0];

    protected async ValueTask<JobState> StateOfAsync(JobId id) => (await FindAsync(id))?.State ?? JobState.Unknown;

    protected ValueTask<PromoteReport> PromoteAsync(int limit = 100) => Store.PromoteDueAsync(limit, Now, Token);

    protected ValueTask<PruneReport> PruneAsync(int limit = 100) => Store.PruneAsync(limit, Now, Token);

    /// <summary>Cancels a job; of a time to keep it, its queue says so from now on.</summary>
    protected async ValueTask<CancelReport> CancelAsync(JobId id, string? reason = "not wanted", TimeSpan? keepFor = null)
    {
        if (keepFor is { } time)
        {
            await KeepAsync(time);
        }

        return (await Store.CancelAsync([id], reason, Now, Token))[0];
    }

    /// <summary>The application declares how long a queue's cancelled jobs are kept.</summary>
    protected async ValueTask KeepAsync(TimeSpan time, string queue = Some.Queue) =>
        _ = await Store.PutQueuesAsync([new QueuePolicy(queue) { KeepFailed = time }], new Version(1, ++_declarations), Now, Token);

    protected async ValueTask<RetryResult> RetryAsync(JobId id) => (await Store.RetryAsync([id], Now, Token))[0];

    protected ValueTask<BeatReport> BeatAsync(TestWorker worker, params string[] idle) =>
        Store.BeatAsync(new BeatRequest(worker.Id, idle), Now, Token);

    protected ValueTask PauseAsync(bool paused = true, string queue = Some.Queue) =>
        paused ? Store.PauseQueueAsync(queue, null, null, Now, Token) : Store.ResumeQueueAsync(queue, Now, Token);

    /// <summary>Lets a lease pass and declares the worker dead.</summary>
    protected async ValueTask<RescueReport> KillAsync(TestWorker worker)
    {
        Pass(Some.Lease);
        return await RescueAsync([(worker.Id, await BeatsOfAsync(worker))]);
    }

    protected ValueTask<RescueReport> RescueAsync(IReadOnlyList<(WorkerId Worker, long Beats)> workers, bool orphans = false) =>
        Store.RescueAsync(new RescueRequest(workers, Some.Lease, orphans), Now, Token);

    protected async ValueTask<long> BeatsOfAsync(TestWorker worker) =>
        (await Store.Browser.WorkersAsync(Now, Token)).Single(w => w.Id == worker.Id).Beats;
}
