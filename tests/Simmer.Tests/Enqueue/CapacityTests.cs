using Simmer.Storage.InMemory;
using Simmer.Tests.Engine;

namespace Simmer.Tests.Enqueue;

public sealed class CapacityTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private readonly Bench _bench = new();

    [Fact]
    public async Task A_full_queue_in_memory_refuses_and_takes_again_when_there_is_room()
    {
        await using var host = await EngineHost
            .StartAsync(s => _bench.AddTo(s.AddQueue("default", static q => (q.Concurrency, q.Capacity) = (1, 2))));
        var running = await host.Jobs.EnqueueAsync(new Work("a"), cancellationToken: Cancelled);
        await _bench.Started("a").WaitAsync();
        await host.Jobs.EnqueueAsync(new Work("b", Waits: false), cancellationToken: Cancelled);
        var last = await host.Jobs.EnqueueAsync(new Work("c", Waits: false), cancellationToken: Cancelled);

        var full = await Should.ThrowAsync<QueueFullException>(host.Jobs.EnqueueAsync(new Work("d"), cancellationToken: Cancelled));
        (full.Queue, full.Capacity).ShouldBe(("default", 2));

        _bench.Release("a");
        await Task.WhenAll(running.WaitAsync(Cancelled), last.WaitAsync(Cancelled));
        await (await host.Jobs.EnqueueAsync(new Work("e", Waits: false), cancellationToken: Cancelled)).WaitAsync(Cancelled);
    }

    [Fact]
    public async Task Finished_jobs_in_memory_are_bounded_by_number_and_the_oldest_go_first()
    {
        var memory = new InMemoryJobStore(historyLimit: 100);
        await using var host = await EngineHost.StartAsync(s => _bench.AddTo(s).UseStore("small", _ => memory));

        var ids = new List<JobId>();
        for (var batch = 0; batch < 30; batch++)
        {
            var handles = await host.Jobs
                .EnqueueManyAsync(Enumerable.Range(0, 100).Select(static i => new Work($"{i}", Waits: false)),
                cancellationToken: Cancelled);
            ids.AddRange(handles.Select(static h => h.Id));
            await Until.True(() => _bench.Starts.Count == ids.Count && host.Node.Durable!.Table.Count == 0, "all ran");
            await host.Node.Durable!.Flusher.WhenIdle();
        }

        var counts = await memory.Browser.CountAsync(Cancelled);
        counts.ShouldHaveSingleItem().Count.ShouldBe(100);
        (await host.Jobs.GetAsync(ids[0], Cancelled)).ShouldBeNull();
        (await host.Jobs.GetAsync(ids[^1], Cancelled)).ShouldNotBeNull();
    }
}
