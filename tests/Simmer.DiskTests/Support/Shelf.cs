using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Simmer.Sqlite;

namespace Simmer.DiskTests.Support;

/// <summary>A host whose jobs are in one file of a folder, and what its handlers did.</summary>
internal sealed class Shelf : IAsyncDisposable
{
    private readonly ConcurrentQueue<JobId> _runs = new();
    private readonly Signal _go = new();
    private EngineHost _host = null!;

    private Shelf(string file) => File = file;

    public string File { get; }

    public IJobClient Jobs => _host.Jobs;

    /// <summary>The job of every run that has started.</summary>
    public IReadOnlyCollection<JobId> Runs => _runs;

    /// <summary>The log lines of level Warning and above.</summary>
    public IReadOnlyList<LogLine> Trouble => [.. _host.Log.Lines.Where(static l => l.Level >= LogLevel.Warning)];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<Shelf> StartAsync(string folder, Action<SqliteStoreOptions>? sqlite = null, TimeSpan? lease = null,
        int answerLength = 0)
    {
        var shelf = new Shelf(Path.Combine(folder, "jobs.db"));
        shelf._host = await EngineHost.StartAsync(
            s => s.UseSqlite($"Data Source={shelf.File};Pooling=False", sqlite)
                .AddQueue("default", static q => q.Concurrency = 64)
                .Configure(o => (o.Lease, o.EnqueueTimeout) = (lease ?? o.Lease, TimeSpan.FromSeconds(5)))
                .AddJob(async (Note job, JobContext context, CancellationToken cancellationToken) =>
                {
                    shelf._runs.Enqueue(context.Id);
                    if (job.Waits)
                    {
                        await shelf._go.WaitAsync(cancellationToken);
                    }

                    return new string('a', answerLength);
                }),
            static b => b.Services.Configure<HostOptions>(static o => o.ShutdownTimeout = TimeSpan.FromSeconds(2)).AddHealthChecks()
                .AddSimmer());
        return shelf;
    }

    /// <summary>Lets the waiting handlers end.</summary>
    public void LetGo() => _go.Set();

    public IReadOnlyList<LogLine> Told(int eventId) => [.. _host.Log.Lines.Where(l => l.EventId == eventId)];

    /// <summary>Enqueues until the store refuses.</summary>
    /// <returns>The jobs that were acknowledged, those that were not, and what was said.</returns>
    public async Task<(List<JobId> Stored, JobId Refused, StoreException Error)> EnqueueUntilRefusedAsync(Note job)
    {
        var stored = new List<JobId>();
        while (true)
        {
            var id = new JobId(Guid.CreateVersion7());
            try
            {
                stored.Add((await Jobs.EnqueueAsync(job, new EnqueueOptions { Id = id }, Token)).Id);
            }
            catch (StoreException e)
            {
                return (stored, id, e);
            }
        }
    }

    /// <summary>Waits until each has succeeded, and shows that each ran once.</summary>
    public async Task EachEndsOnceAsync(IEnumerable<JobId> jobs)
    {
        foreach (var job in jobs)
        {
            (await Jobs.WaitAsync(job, Token).WaitAsync(TimeSpan.FromSeconds(60), Token))!.State.ShouldBe(JobState.Succeeded);
            Runs.Count(id => id == job).ShouldBe(1);
        }
    }

    public async Task<(HealthStatus Status, string Text)> HealthAsync()
    {
        var report = await _host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Token);
        return (report.Status, report.Entries["simmer"].Description ?? "");
    }

    public Task StopAsync() => _host.StopAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();
}
