using BenchmarkDotNet.Attributes;

namespace Simmer.Bench;

/// <summary>Jobs through the whole engine in memory, a thousand in a call, until all are settled; with a report of progress each, and
/// without.</summary>
public class WholeJobBenchmarks
{
    private const int Jobs = 1_000;

    private BenchEngine<NoteHandler> _plain = null!;
    private BenchEngine<ReportingHandler> _reporting = null!;

    [GlobalSetup]
    public void Start() => (_plain, _reporting) = (new(), new());

    [GlobalCleanup]
    public void Stop()
    {
        _plain.Dispose();
        _reporting.Dispose();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Jobs)]
    public Task Job() => RunAsync(_plain);

    [Benchmark(OperationsPerInvoke = Jobs)]
    public Task JobWithProgress() => RunAsync(_reporting);

    private static async Task RunAsync<THandler>(BenchEngine<THandler> engine)
        where THandler : class, IJobHandler<Note>
    {
        var over = engine.Countdown.From(Jobs);
        _ = await engine.Jobs.EnqueueManyAsync(Enumerable.Repeat(engine.Note, Jobs));
        await over;
        await engine.Node.Memory.Table.WhenEmpty();
        await engine.Node.Memory.Flusher.WhenIdle();
    }
}
