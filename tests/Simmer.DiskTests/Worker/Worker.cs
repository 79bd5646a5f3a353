using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Simmer.DiskTests.Worker;

/// <summary>A host that enqueues and runs jobs until it is told to end, and then looks what became of each.</summary>
internal sealed class Worker(IJobClient jobs, ConcurrentDictionary<JobId, int> runs)
{
    private readonly ConcurrentBag<JobId> _stored = [];
    private readonly ConcurrentBag<JobId> _refused = [];
    private readonly ConcurrentBag<JobId> _unknown = [];

    public static async Task RunAsync(string file, int callers)
    {
        var runs = new ConcurrentDictionary<JobId, int>();
        var log = new CountedLog();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddProvider(log);
        builder.Services.AddSimmerCore()
            .UseSqlite($"Data Source={file}")
            .Configure(static o => o.EnqueueTimeout = TimeSpan.FromSeconds(2))
            .AddJob((Tally _, JobContext context, CancellationToken _) =>
            {
                runs.AddOrUpdate(context.Id, 1, static (_, n) => n + 1);
                return Task.CompletedTask;
            });
        using var host = builder.Build();
        await host.StartAsync();
        using var stop = new CancellationTokenSource();
        var worker = new Worker(host.Services.GetRequiredService<IJobClient>(), runs);
        var calling = Task.WhenAll(Enumerable.Range(0, callers).Select(_ => worker.CallAsync(stop.Token)));
        Console.WriteLine("ready");
        await Console.In.ReadLineAsync();
        await stop.CancelAsync();
        await calling;
        var report = await worker.LookAsync() with { Warnings = log.Count };
        await host.StopAsync();
        Console.WriteLine(report.ToLine());
    }

    private async Task CallAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            var id = new JobId(Guid.CreateVersion7());
            try
            {
                _ = await jobs.EnqueueAsync(new Tally(), new EnqueueOptions { Id = id }, CancellationToken.None);
                _stored.Add(id);
            }
            catch (StoreException e)
            {
                (e.OutcomeUnknown ? _unknown : _refused).Add(id);
            }
        }
    }

    private async Task<WorkerReport> LookAsync()
    {
        var lost = 0;
        foreach (var id in _stored)
        {
            var job = await jobs.WaitAsync(id).WaitAsync(TimeSpan.FromSeconds(60));
            lost += job?.State == JobState.Succeeded ? 0 : 1;
        }

        var halfDone = 0;
        foreach (var id in _refused)
        {
            halfDone += await jobs.GetAsync(id) is null ? 0 : 1;
        }

        return new WorkerReport(_stored.Count, _refused.Count, _unknown.Count, lost, halfDone, runs.Count(static r => r.Value > 1), 0);
    }
}

/// <summary>A job whose handler only counts.</summary>
public sealed record Tally : IJob;

/// <summary>Counts warnings and errors, and prints them where the test can read them.</summary>
internal sealed class CountedLog : ILoggerProvider, ILogger
{
    private int _count;

    public int Count => _count;

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        Interlocked.Increment(ref _count);
        Console.WriteLine($"{logLevel} {eventId.Id} {formatter(state, exception)} {exception?.Message}");
    }

    public void Dispose()
    {
        // Nothing is held.
    }
}
