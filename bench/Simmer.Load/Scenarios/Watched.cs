using System.Diagnostics;
using Simmer.Load.Measuring;
using Simmer.Load.Running;

namespace Simmer.Load.Scenarios;

/// <summary>The cost of many watchers for the others: the time of a chain of two, from the call that enqueues it until its caller, which
/// waits, knows its end; by turns with no other watchers.</summary>
internal static class Watched
{
    public const string Alone = "chain of two, nobody else watches";

    /// <summary>Of the watchers a quarter each waits for a job, watches a job, waits for a workflow, watches a workflow. None of these
    /// changes.</summary>
    public const string Name = "chain of two, 2,000 watch";

    /// <summary>The same with the worker in another process, so that ends are known by hints and polls only.</summary>
    public const string Elsewhere = ", worker in another process";

    private const int Each = 500;

    private static readonly EnqueueOptions s_never = new() { Delay = TimeSpan.FromDays(30) };

    public static async Task RunAsync(Stage stage)
    {
        if (stage.Setting.Keep || stage.Setting.Store == StoreChoice.Normal)
        {
            return;
        }

        await RunAsync(stage, new Shape(1), "");
        if (stage.Setting.IsDurable)
        {
            await RunAsync(stage, new Shape(1, Processes: 2), Elsewhere);
        }
    }

    private static Task RunAsync(Stage stage, Shape shape, string where) =>
        stage.RoundsAsync(shape.Processes, stage.Plan.Rounds, async (rig, _) =>
    {
        var alone = await MeasureAsync(stage, rig, shape, Alone + where);
        using var gone = new CancellationTokenSource();
        var watchers = await WatchAsync(rig.Jobs, gone.Token);
        var watched = await MeasureAsync(stage, rig, shape, Name + where);
        await gone.CancelAsync();
        await Task.WhenAll(watchers).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return [alone.With(Figure.ShareOfFirst, 1), watched.With(Figure.ShareOfFirst, watched[Figure.ChainP50] / alone[Figure.ChainP50])];
    });

    private static async Task<Measurement> MeasureAsync(Stage stage, Rig rig, Shape shape, string name)
    {
        // Without a hint for an end in another process, each chain takes up to a second.
        var chains = shape.Processes == 1 ? stage.Plan.IdleJobs : stage.Plan.IdleJobs / 5;
        var times = new Latencies(chains);
        _ = await rig.MeasureAsync(stage.Line(Topic.Watched, name, shape), async r =>
        {
            for (var i = 0; i < chains; i++)
            {
                var began = Stopwatch.GetTimestamp();
                var handle = await r.Jobs.EnqueueAsync(Chain.Of(new Baton(Hands: true)).Then(new Baton(Hands: false)));
                await r.Jobs.WaitAsync(handle.Id);
                times.Add(Stopwatch.GetTimestamp() - began);
            }

            return new Made(2 * chains);
        });
        var (p50, p99) = Latencies.Of(times);
        return stage.Line(Topic.Watched, name, shape).With(Figure.ChainP50, p50).With(Figure.ChainP99, p99);
    }

    /// <summary>Begins to watch, and answers when all have seen what they watch.</summary>
    private static async Task<List<Task>> WatchAsync(IJobClient jobs, CancellationToken gone)
    {
        var all = new List<Task>();
        var streams = new List<Task>();
        foreach (var handle in await jobs
            .EnqueueManyAsync(Enumerable.Range(0, 2 * Each).Select(static _ => new Baton(Hands: false)), s_never, gone))
        {
            all.Add(all.Count % 2 == 0 ? jobs.WaitAsync(handle.Id, gone) : WatchAsync(jobs.WatchAsync(handle.Id, -1, gone), streams, gone));
        }

        for (var i = 0; i < 2 * Each; i++)
        {
            var handle = await jobs.EnqueueAsync(Chain.Of(new Baton(Hands: true), options: s_never).Then(new Baton(Hands: false)),
                cancellationToken: gone);
            all.Add(i % 2 == 0
                ? jobs.WaitAsync(handle.Id, gone)
                : WatchAsync(jobs.WatchAsync(handle.Id, -1, gone), streams, gone));
        }

        await Task.WhenAll(streams);
        return all;
    }

    private static async Task WatchAsync<T>(IAsyncEnumerable<T> records, List<Task> seen, CancellationToken gone)
    {
        var first = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        seen.Add(first.Task);
        await foreach (var _ in records.WithCancellation(gone))
        {
            first.TrySetResult();
        }
    }
}
