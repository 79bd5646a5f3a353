using Simmer.Tests.Engine;

namespace Simmer.Tests.Execution;

public sealed class ConcurrencyTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private readonly Bench _bench = new();

    [Fact]
    public async Task A_queue_uses_all_its_slots_and_never_more()
    {
        await using var host = await EngineHost.StartAsync(s => _bench.AddTo(s.AddQueue("default", static q => q.Concurrency = 5)));

        var handles = await host.Jobs
            .EnqueueManyAsync(Enumerable.Range(0, 40).Select(static i => new Work($"{i}")), cancellationToken: Cancelled);
        await Until.True(() => _bench.Running == 5, "all slots are used");
        for (var i = 0; i < 40; i++)
        {
            _bench.Release($"{i}");
        }

        await Task.WhenAll(handles.Select(static h => h.WaitAsync(Cancelled)));
        _bench.Most.ShouldBe(5);
    }

    [Fact]
    public async Task Short_jobs_never_exceed_the_slots_either()
    {
        await using var host = await EngineHost
            .StartAsync(s => _bench.AddTo(s.UseStore("shaky", static _ => new ShakyStore())
            .AddQueue("default", static q => q.Concurrency = 3)));

        var callers = Enumerable.Range(0, 8).Select(async c =>
        {
            for (var i = 0; i < 100; i++)
            {
                await (await host.Jobs.EnqueueAsync(new Work($"{c}.{i}", Waits: false), cancellationToken: Cancelled)).WaitAsync(Cancelled);
            }
        });
        await Task.WhenAll(callers);

        _bench.Most.ShouldBeInRange(1, 3);
        _bench.Starts.Count.ShouldBe(800);
        _bench.Starts.Distinct().Count().ShouldBe(800);
    }

    [Fact]
    public async Task A_busy_queue_holds_up_no_other()
    {
        await using var host = await EngineHost
            .StartAsync(s => _bench.AddTo(s.AddQueue("default", static q => q.Concurrency = 1)
            .AddQueue("other", static q => q.Concurrency = 1)));
        await host.Jobs.EnqueueAsync(new Work("slow"), cancellationToken: Cancelled);
        await host.Jobs.EnqueueAsync(new Work("waits"), cancellationToken: Cancelled);

        await (await host.Jobs.EnqueueAsync(new Work("other", Waits: false), new EnqueueOptions { Queue = "other" }, Cancelled))
            .WaitAsync(Cancelled);

        _bench.Started("waits").IsSet.ShouldBeFalse();
        _bench.Release("slow");
        _bench.Release("waits");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_queue_that_requires_something_runs_only_where_it_is_offered(bool durable)
    {
        var store = new ShakyStore();
        void Configure(SimmerBuilder s) =>
            _bench.AddTo((durable ? s.UseStore("shaky", _ => store) : s).AddQueue("video", static q => q.Requires = ["ffmpeg"]));
        JobId id;
        await using (var poor = await EngineHost.StartAsync(Configure))
        {
            id = (await poor.Jobs.EnqueueAsync(new Work("film", Waits: false), new EnqueueOptions { Queue = "video" }, Cancelled)).Id;
            await (await poor.Jobs.EnqueueAsync(new Work("else", Waits: false), cancellationToken: Cancelled)).WaitAsync(Cancelled);
            _bench.Starts.ShouldBe(["else"]);
            poor.Log.Lines.ShouldContain(static l => l.EventId == 1001);
        }

        if (durable)
        {
            await using var rich = await EngineHost.StartAsync(s => Configure(s.Configure(static o => o.Worker.Capabilities = ["FFmpeg"])));
            (await rich.Jobs.WaitAsync(id, Cancelled))!.State.ShouldBe(JobState.Succeeded);
        }
    }

    [Fact]
    public async Task A_process_that_is_no_worker_enqueues_only()
    {
        await using var host = await EngineHost.StartAsync(
            s => _bench.AddTo(s.UseStore("shaky", static _ => new ShakyStore())
                .AddQueue("memory", static q => q.Durability = Durability.InMemory).Configure(static o => o.Worker.Enabled = false)));

        var durable = await host.Jobs.EnqueueAsync(new Work("durable", Waits: false), cancellationToken: Cancelled);
        await (await host.Jobs.EnqueueAsync(new Work("memory", Waits: false), new EnqueueOptions { Queue = "memory" }, Cancelled))
            .WaitAsync(Cancelled);

        (await durable.GetAsync(Cancelled))!.State.ShouldBe(JobState.Ready);
    }
}
