using Simmer.Tests.Engine;

namespace Simmer.Tests.Watching;

/// <summary>The reads that many watchers cause together.</summary>
public sealed class WatchingTests
{
    private const int Many = 2_000;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static readonly EnqueueOptions s_later = new() { Delay = TimeSpan.FromHours(1) };

    private readonly ShakyStore _store = new();
    private readonly Bench _bench = new();

    private ShakyReads Reads => _store.Reads;

    [Fact]
    public async Task Watchers_of_many_jobs_are_few_questions_a_beat_and_no_read()
    {
        await using var host = await StartAsync();
        var handles = await host.Jobs.EnqueueManyAsync(Enumerable.Range(0, Many).Select(static i => new Work($"{i}")), s_later, Cancelled);
        var waits = handles.Select(h => host.Jobs.WaitAsync(h.Id, Cancelled)).ToList();
        await AllHaveLookedAsync(host, Many);

        await ThreeBeatsAsync(perBeat: 4);
        Reads.Read.ShouldBeLessThanOrEqualTo(Many);
        var read = Reads.Read;
        await ThreeBeatsAsync(perBeat: 4);

        Reads.Read.ShouldBe(read);
        waits.ShouldAllBe(static w => !w.IsCompleted);

        // One of the jobs changes without a hint. That is noticed, and only this job is read.
        _ = await _store.CancelAsync([handles[17].Id], "changed", TimeProvider.System.GetUtcNow(), Cancelled);
        (await waits[17])!.State.ShouldBe(JobState.Cancelled);
        Reads.Read.ShouldBe(read + 1);
    }

    [Fact]
    public async Task Watchers_of_many_workflows_are_few_questions_a_beat_and_no_read()
    {
        await using var host = await StartAsync();
        var flows = new List<WorkflowHandle>();
        for (var i = 0; i < 300; i++)
        {
            flows.Add(await host.Jobs
                .EnqueueAsync(Chain.Of(new Work("a"), options: s_later).Then(new Work("b")), cancellationToken: Cancelled));
        }

        var streams = flows.ConvertAll(f => host.Jobs.WatchAsync(f.Id, -1, Cancelled).GetAsyncEnumerator(Cancelled));
        foreach (var stream in streams)
        {
            (await stream.MoveNextAsync()).ShouldBeTrue();
        }

        var next = streams.ConvertAll(static s => s.MoveNextAsync().AsTask());
        var ends = flows.ConvertAll(f => host.Jobs.WaitAsync(f.Id, Cancelled));
        await AllHaveLookedAsync(host, 600);
        await ThreeBeatsAsync(perBeat: 2);
        var read = Reads.Read;
        await ThreeBeatsAsync(perBeat: 2);
        Reads.Read.ShouldBe(read);

        _ = await _store.CancelWorkflowAsync(flows[17].Id, "changed", TimeProvider.System.GetUtcNow(), Cancelled);

        (await next[17]).ShouldBeTrue();
        (await ends[17])!.State.ShouldBe(WorkflowState.Cancelled);
        next.Where((t, i) => i != 17 && t.IsCompleted).ShouldBeEmpty();
    }

    [Fact]
    public async Task All_who_watch_one_job_share_its_reads()
    {
        await using var host = await StartAsync();
        var handle = await host.Jobs.EnqueueAsync(new Work("a"), cancellationToken: Cancelled);
        await _bench.Started("a").WaitAsync();
        var waits = Enumerable.Range(0, Many).Select(_ => host.Jobs.WaitAsync(handle.Id, Cancelled)).ToList();
        await AllHaveLookedAsync(host, Many);
        var read = Reads.Read;

        _bench.Release("a");
        (await Task.WhenAll(waits)).ShouldAllBe(static j => j!.State == JobState.Succeeded);

        // The number depends on how fast the store answers: callers that ask meanwhile share the next read.
        (Reads.Read - read).ShouldBeLessThan(Many);
    }

    [Fact]
    public async Task All_who_watch_one_workflow_share_its_reads()
    {
        await using var host = await StartAsync();
        var flow = await host.Jobs.EnqueueAsync(Chain.Of(new Work("a")).Then(new Work("b", Waits: false)), cancellationToken: Cancelled);
        await _bench.Started("a").WaitAsync();
        var waits = Enumerable.Range(0, Many).Select(_ => host.Jobs.WaitAsync(flow.Id, Cancelled)).ToList();
        await AllHaveLookedAsync(host, Many);
        var read = Reads.Read;

        _bench.Release("a");
        (await Task.WhenAll(waits)).ShouldAllBe(static w => w!.State == WorkflowState.Succeeded);

        // The number depends on how fast the store answers: callers that ask meanwhile share the next read.
        (Reads.Read - read).ShouldBeLessThan(Many);
    }

    [Fact]
    public async Task A_look_that_fails_lets_each_watcher_learn_it_and_the_next_one_goes_on()
    {
        await using var host = await StartAsync();
        var first = await host.Jobs.EnqueueAsync(new Work("a"), s_later, Cancelled);
        var second = await host.Jobs.EnqueueAsync(new Work("b"), s_later, Cancelled);
        var waits = host.Jobs.WaitAsync(first.Id, Cancelled);
        await AllHaveLookedAsync(host, 1);

        Reads.BeforeLooks.Enqueue(static () => throw new StoreException("The server is away.", isTransient: true));
        Reads.BeforeGet.Enqueue(static () => throw new StoreException("The server is away.", isTransient: true));
        (await Should.ThrowAsync<StoreException>(waits)).Message.ShouldBe("The server is away.");

        var next = host.Jobs.WaitAsync(second.Id, Cancelled);
        _ = await _store.CancelAsync([second.Id], "changed", TimeProvider.System.GetUtcNow(), Cancelled);
        (await next)!.State.ShouldBe(JobState.Cancelled);
    }

    [Fact]
    public async Task Nobody_watches_and_nothing_is_asked()
    {
        await using var host = await StartAsync();
        var handle = await host.Jobs.EnqueueAsync(new Work("a", Waits: false), cancellationToken: Cancelled);
        await handle.WaitAsync(Cancelled);
        await Until.True(() => host.Node.Context.Watcher.IsEmpty, "nobody watches");

        var looked = Reads.Looked;
        await host.StopAsync();

        Reads.Looked.ShouldBe(looked);
    }

    private Task<EngineHost> StartAsync() => EngineHost.StartAsync(s => _bench.AddTo(s.UseStore("shaky", _ => _store)));

    private static Task AllHaveLookedAsync(EngineHost host, int count) =>
        Until.True(() => host.Node.Context.Watcher.All().Count(static w => w.Seen is not null) == count, "all have looked");

    private Task ThreeBeatsAsync(int perBeat)
    {
        var until = Reads.Looked + (3 * perBeat);
        return Until.True(() => Reads.Looked >= until, "three beats have passed");
    }
}
