using System.Diagnostics;
using Simmer.Load.Measuring;

namespace Simmer.Load.Running;

/// <summary>Callers and a worker on a new store of their own, and the stopwatch.</summary>
internal sealed class Rig : IAsyncDisposable
{
    private readonly Ground _ground;
    private readonly int _processes;
    private readonly BenchHost _host;
    private readonly IWorker _worker;
    private long _expected;

    private Rig(Ground ground, int processes, BenchHost host, IWorker worker) =>
        (_ground, _processes, _host, _worker) = (ground, processes, host, worker);

    public IJobClient Jobs => _host.Jobs;

    /// <summary>How many jobs have run in this process.</summary>
    public long Ran => _host.Counter.Count;

    /// <summary>Whether no worker runs the jobs: a database keeps them, memory holds them until the round is over and is emptied.</summary>
    private bool HoldsThem { get; init; }

    public static async Task<Rig> StartAsync(Ground ground, Setting setting, int processes)
    {
        var host = await BenchHost.StartAsync(setting, ground.Address, works: processes == 1);
        IWorker worker = processes == 2 ? await WorkerProcess.StartAsync(setting, ground.Address) : new LocalWorker(host);
        return new Rig(ground, processes, host, worker) { HoldsThem = processes == 0 && !setting.IsDurable };
    }

    /// <summary>Puts jobs there that wait until <see cref="GoOnAsync"/>.</summary>
    public async Task FillAsync(Shape shape, int jobs)
    {
        await _host.PauseAsync();
        _expected += (await Callers.BulkAsync(Jobs, shape with { Callers = 2, PerCall = Shape.Many }, jobs)).Jobs;
    }

    public Task GoOnAsync() => _host.GoOnAsync();

    /// <summary>Takes the time until all jobs of the work have run and are settled, or until they are acknowledged if no worker runs
    /// them.</summary>
    public async Task<Measurement> MeasureAsync(Measurement line, Func<Rig, Task<Made>> work)
    {
        if (HoldsThem)
        {
            await _host.PauseAsync();
        }

        var counted = await _ground.CountAsync();
        await _worker.BeginAsync();
        var (began, before) = (Stopwatch.GetTimestamp(), Usage.Now());
        var made = await work(this);
        _expected += made.Waited ? 0 : made.Jobs;
        var report = await _worker.EndAsync(_processes == 0 ? 0 : _expected);
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        var usage = _processes == 2 ? Usage.Now() - before + report.Usage : report.Usage;
        var asked = await _ground.CountAsync() - counted + usage.Sqlite;
        if (HoldsThem)
        {
            await GoOnAsync();
            _ = await _worker.EndAsync(_expected);
        }

        return line
            .With(Figure.JobsPerSecond, made.Jobs / seconds)
            .With(Figure.EnqueueP50, made.P50)
            .With(Figure.EnqueueP99, made.P99)
            .With(Figure.StartP50, report.StartP50)
            .With(Figure.StartP99, report.StartP99)
            .With(Figure.BytesPerJob, (double)usage.Bytes / made.Jobs)
            .With(Figure.CpuSecondsPerThousand, usage.CpuSeconds * 1000 / made.Jobs)
            .With(Figure.StatementsPerJob, Traced(asked.Statements / (double)made.Jobs))
            .With(Figure.CommitsPerThousand, Traced(asked.Commits * 1000.0 / made.Jobs));
    }

    private static double? Traced(double figure) => figure > 0 ? figure : null;

    public async ValueTask DisposeAsync()
    {
        await _worker.DisposeAsync();
        await _host.DisposeAsync();
        await _ground.DisposeAsync();
    }
}

/// <summary>The jobs that callers have enqueued.</summary>
/// <param name="Jobs">How many jobs the rate counts.</param>
/// <param name="P50">Microseconds until an enqueue was acknowledged, if that was timed.</param>
/// <param name="P99">The same.</param>
/// <param name="Waited">Whether the jobs were there before.</param>
internal sealed record Made(long Jobs, double? P50 = null, double? P99 = null, bool Waited = false);
