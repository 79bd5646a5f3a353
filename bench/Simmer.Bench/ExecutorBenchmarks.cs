using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.DependencyInjection;
using Simmer.Execution;
using Simmer.Jobs;
using Simmer.Storage;

namespace Simmer.Bench;

/// <summary>One job through the executor without a store: from the claim to the settlement, which is not stored. Each case adds one thing
/// to <see cref="Adds.Scope"/>.</summary>
public class ExecutorBenchmarks
{
    private readonly List<IDisposable> _listeners = [];
    private BenchEngine<NoteHandler> _engine = null!;
    private JobClaim _claim = null!;
    private JobKind _kind = null!;

    /// <summary>What a case adds. Spans, metrics and log calls are always there, but only the case that says so has a listener.</summary>
    public enum Adds
    {
        NoScope,
        Scope,
        TimeLimit,
        ActivityListener,
        MetricsListener,
        LogSink,
        AllOfThem,
    }

    [ParamsAllValues]
    public Adds With { get; set; }

    [GlobalSetup]
    public void Start()
    {
        _engine = new(With is Adds.LogSink or Adds.AllOfThem ? static s => s.AddLogging(Listeners.ToLogs) : null);
        _claim = _engine.Claim();
        _kind = With == Adds.NoScope ? WithoutScope(_engine.Kind) : _engine.Kind;
        if (With is Adds.ActivityListener or Adds.AllOfThem)
        {
            _listeners.Add(Listeners.ToActivities());
        }

        if (With is Adds.MetricsListener or Adds.AllOfThem)
        {
            _listeners.Add(Listeners.ToMetrics());
        }
    }

    [GlobalCleanup]
    public void Stop()
    {
        _listeners.ForEach(static l => l.Dispose());
        _engine.Dispose();
    }

    [Benchmark]
    public Task RunAsync()
    {
        var engine = _engine.Node.Memory;
        var run = new JobRun(engine.Runner, _engine.Queue, _claim, _kind, _engine.Node.Context.Time.GetTimestamp())
        {
            Source = Unstored.Instance,
        };
        engine.Table.Add(run);
        if (With is Adds.TimeLimit or Adds.AllOfThem)
        {
            engine.Watch.Started(run);
        }

        return engine.Executor.RunAsync(run);
    }

    // A kind that lives in this process only gets no DI scope from the executor.
    private static JobKind WithoutScope(JobKind kind) => new()
    {
        Name = kind.Name,
        Type = kind.Type,
        Queue = kind.Queue,
        MaxAttempts = kind.MaxAttempts,
        TimeLimit = kind.TimeLimit,
        Priority = kind.Priority,
        Retry = kind.Retry,
        Handler = kind.Handler,
        IsLocalOnly = true,
        Write = kind.Write,
        Read = kind.Read,
    };

    private sealed class Unstored : IRunSource
    {
        public static readonly Unstored Instance = new();

        public JobRun? Ended(JobRun run) => null;
    }
}
