using Simmer.Tests.Engine;

namespace Simmer.Tests.Enqueue;

public sealed class UniqueKeyTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static readonly EnqueueOptions s_unfinished = new() { UniqueKey = "k" };
    private static readonly EnqueueOptions s_waiting = new() { UniqueKey = "k", UniqueWhile = UniqueWhile.Waiting };

    private readonly Bench _bench = new();

    [Fact]
    public async Task While_a_job_with_the_key_is_unfinished_a_second_gives_its_handle()
    {
        await using var host = await EngineHost.StartAsync(s => _bench.AddTo(s));
        var first = await host.Jobs.EnqueueAsync(new Work("a"), s_unfinished, Cancelled);
        await _bench.Started("a").WaitAsync();

        var second = await host.Jobs.EnqueueAsync(new Work("b"), s_unfinished, Cancelled);
        _bench.Release("a");
        await second.WaitAsync(Cancelled);
        var third = await host.Jobs.EnqueueAsync(new Work("c", Waits: false), s_unfinished, Cancelled);
        await third.WaitAsync(Cancelled);

        (second.IsDuplicate, second.Id, second.State).ShouldBe((true, first.Id, JobState.Running));
        third.IsDuplicate.ShouldBeFalse();
        _bench.Starts.ShouldBe(["a", "c"]);
    }

    [Fact]
    public async Task A_key_held_while_waiting_is_free_once_the_job_starts()
    {
        await using var host = await EngineHost.StartAsync(s => _bench.AddTo(s.AddQueue("default", static q => q.Concurrency = 1)));
        var first = await host.Jobs.EnqueueAsync(new Work("a"), s_waiting, Cancelled);
        await _bench.Started("a").WaitAsync();

        var second = await host.Jobs.EnqueueAsync(new Work("b", Waits: false), s_waiting, Cancelled);
        var third = await host.Jobs.EnqueueAsync(new Work("c", Waits: false), s_waiting, Cancelled);
        _bench.Release("a");
        await Task.WhenAll(first.WaitAsync(Cancelled), second.WaitAsync(Cancelled));

        (second.IsDuplicate, third.IsDuplicate, third.Id).ShouldBe((false, true, second.Id));
        _bench.Starts.ShouldBe(["a", "b"]);
    }

    [Fact]
    public async Task Of_many_callers_at_once_one_wins_and_all_get_its_handle()
    {
        await using var host = await EngineHost.StartAsync(s => _bench.AddTo(s));

        var handles = await Task
            .WhenAll(Enumerable.Range(0, 50).Select(_ => host.Jobs.EnqueueAsync(new Work("a"), s_unfinished, Cancelled)));

        handles.Count(static h => !h.IsDuplicate).ShouldBe(1);
        handles.Select(static h => h.Id).Distinct().Count().ShouldBe(1);
        _bench.Release("a");
        await handles[0].WaitAsync(Cancelled);
    }
}
