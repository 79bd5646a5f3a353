using Simmer.Storage;
using Simmer.Tests.Engine;

namespace Simmer.Tests.Durable;

/// <summary>Workers whose options name different leases, as in a deploy that changes it.</summary>
public abstract class DifferentLeasesTests<TDatabase> : DurableTest<TDatabase>
    where TDatabase : IJobDatabase, new()
{
    private const int WorkerGone = 1024;

    private static readonly TimeSpan s_short = TimeSpan.FromSeconds(3);

    private readonly Signal _started = new();
    private readonly Signal _goOn = new();

    [Fact]
    [Trait("Rule", "8")]
    public async Task A_worker_with_a_long_lease_is_left_alone_by_one_with_a_short_lease()
    {
        await using var patient = await StartAsync(TimeSpan.FromSeconds(18), async token =>
        {
            _started.Set();
            await _goOn.WaitAsync(token);
        });
        var handle = await patient.Jobs.EnqueueAsync(new Greet("Ada"), cancellationToken: Cancelled);
        await _started.WaitAsync();
        var wrong = new Signal();
        await using var hasty = await StartAsync(s_short, _ =>
        {
            wrong.Set();
            return Task.CompletedTask;
        });

        // The one beats every six seconds, the other every second: by its own measure the first has been silent for too long.
        await Until.TrueAsync(async () => wrong.IsSet || await BeatsOfAsync(hasty) >= 7,
            "the other has watched it for longer than its own lease");
        _goOn.Set();
        await handle.WaitAsync(Cancelled);

        wrong.IsSet.ShouldBeFalse("the job is not run a second time");
        (await handle.GetAsync(Cancelled))!.ShouldSatisfyAllConditions(static j => j.State.ShouldBe(JobState.Succeeded),
            static j => (j.Run, j.Attempt).ShouldBe((1, 1)));
        patient.Log.Lines.ShouldNotContain(static l => l.EventId == WorkerGone);
    }

    [Fact]
    [Trait("Rule", "8")]
    public async Task The_jobs_of_a_dead_worker_with_a_short_lease_are_taken_back_by_one_with_a_long_lease_before_that_is_over()
    {
        await using var patient = await StartAsync(TimeSpan.FromMinutes(10), _ =>
        {
            _started.Set();
            return Task.CompletedTask;
        }, static q => q.LocalDispatch = false);
        var store = patient.Node.Durable!.Store;
        await store.PauseQueueAsync("default", null, null, patient.Node.Context.Now, Cancelled);
        var handle = await patient.Jobs.EnqueueAsync(new Greet("Ada"), cancellationToken: Cancelled);
        var hasty = await store.RegisterAsync(new WorkerInfo("hasty", ["default"], []) { Lease = s_short, Slots = 1 },
            patient.Node.Context.Now, Cancelled);
        await ClaimAsync(patient, hasty);

        await _started.WaitAsync();
        await handle.WaitAsync(Cancelled);

        (await handle.GetAsync(Cancelled))!.ShouldSatisfyAllConditions(static j => j.State.ShouldBe(JobState.Succeeded),
            static j => (j.Run, j.Attempt).ShouldBe((2, 1)));
    }

    private static async Task<long> BeatsOfAsync(EngineHost host) =>
        (await host.Node.Durable!.Store.Browser.WorkersAsync(host.Node.Context.Now, Cancelled))
            .FirstOrDefault(w => w.Id == host.Node.Durable.Registered)?.Beats ?? 0;

    /// <summary>The other worker claims the one job there is as soon as the queue is open, and is never heard of again.</summary>
    private static async Task ClaimAsync(EngineHost host, WorkerId worker)
    {
        var store = host.Node.Durable!.Store;
        host.Node.Durable.Runner.Suspend();
        await store.ResumeQueueAsync("default", host.Node.Context.Now, Cancelled);
        var flush = new Flush { Worker = worker, Sequence = 1, Kinds = host.Node.Context.Catalog.Runnable,
            Claims = [new ClaimRequest("default", 1)] };
        (await store.FlushAsync(flush, host.Node.Context.Now, Cancelled)).Claims.Count.ShouldBe(1);
        host.Node.Durable.Runner.Resume();
    }

    private Task<EngineHost> StartAsync(TimeSpan lease, Func<CancellationToken, Task> handler, Action<QueueOptions>? queue = null) =>
        StartAsync(s => s
        .AddQueue("default", queue)
        .AddJob((Greet _, CancellationToken token) => handler(token))
        .Configure(o => o.Lease = lease));
}
