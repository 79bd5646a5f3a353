using BenchmarkDotNet.Attributes;
using Simmer.Enqueue;
using Simmer.Execution;

namespace Simmer.Bench;

/// <summary>The enqueue call: making the draft by itself, and the whole call in memory until it is acknowledged. The job of the whole call
/// runs beside it, and its memory counts.</summary>
public class EnqueueBenchmarks
{
    private static readonly EnqueueOptions s_options =
        new() { UniqueKey = "order-17", Delay = TimeSpan.FromMinutes(1), Tags = ["blue", "north"] };

    // Names the queue, because otherwise the kind's own queue in memory would be taken.
    private static readonly EnqueueOptions s_queue = new() { Queue = "default" };

    private BenchEngine<NoteHandler> _engine = null!;
    private DraftFactory _durable = null!;

    [GlobalSetup]
    public void Start()
    {
        _engine = new();
        _durable = new(_engine.Node.Context, (kind, queue) => new LocalRoute(kind, queue, _engine.Node.Memory.Runner, null, memory: null));
    }

    [GlobalCleanup]
    public void Stop() => _engine.Dispose();

    [Benchmark]
    public object Draft() => _engine.Node.Drafts.Make(_engine.Note, null, _engine.Kind);

    [Benchmark]
    public object DraftWithOptions() => _engine.Node.Drafts.Make(_engine.Note, s_options, _engine.Kind);

    [Benchmark]
    public object DurableDraft() => _durable.Make(_engine.Note, s_queue, _engine.Kind);

    [Benchmark]
    public Task<JobHandle> Call() => _engine.Jobs.EnqueueAsync(_engine.Note);
}
