using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.DependencyInjection;
using Simmer.Diagnostics;
using Simmer.Execution;
using Simmer.Jobs;
using Simmer.Storage;

namespace Simmer.Bench;

/// <summary>The executor's parts by themselves, without listeners.</summary>
public class PartBenchmarks
{
    private BenchEngine<NoteHandler> _engine = null!;
    private JobClaim _claim = null!;
    private JobRun _run = null!;

    [GlobalSetup]
    public void Start()
    {
        _engine = new();
        _claim = _engine.Claim();
        _run = NewRun();
    }

    [GlobalCleanup]
    public void Stop() => _engine.Dispose();

    [Benchmark]
    public void Run() => NewRun().End(0);

    [Benchmark]
    public ValueTask Scope() => _engine.Node.Context.Services.CreateAsyncScope().DisposeAsync();

    [Benchmark]
    public object? Activity() => Telemetry.StartProcess(_claim);

    [Benchmark]
    public void Metrics()
    {
        _engine.Node.Context.Metrics.Started(_claim, default);
        _engine.Node.Context.Metrics.Ended(_claim, false, OutcomeKind.Returned, JobState.Succeeded, default);
    }

    [Benchmark]
    public void Logging()
    {
        using var scope = _engine.Node.Context.Logger.BeginScope(_run);
        _engine.Node.Context.Logger.JobStarted(_claim.Job.Kind, _claim.Job.Id, 1);
    }

    [Benchmark]
    public void TimeLimit() => _engine.Node.Memory.Watch.Started(_run);

    private JobRun NewRun() =>
        new(_engine.Node.Memory.Runner, _engine.Queue, _claim, _engine.Kind, _engine.Node.Context.Time.GetTimestamp());
}
