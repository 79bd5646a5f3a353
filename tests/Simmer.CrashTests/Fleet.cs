using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Simmer.CrashTests.Worker;

namespace Simmer.CrashTests;

/// <summary>A folder with a store, this process that only enqueues into it, and the worker processes that share it.</summary>
internal sealed class Fleet : IAsyncDisposable
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(50);

    private readonly AckFile _acks;
    private readonly IHost _host;
    private readonly List<WorkerProcess> _workers = [];
    private readonly Lock _gate = new();
    private bool _passed;

    private Fleet(string folder, IHost host) => (Folder, _host, _acks) = (folder, host, new AckFile(folder, "test"));

    public string Folder { get; }

    /// <summary>The store's connection string.</summary>
    public string Jobs => WorkerLife.Jobs(Folder);

    /// <summary>That of what handlers did.</summary>
    public string Effects => WorkerLife.Effects(Folder);

    public IReadOnlyList<WorkerProcess> Workers
    {
        get
        {
            lock (_gate)
            {
                return [.. _workers];
            }
        }
    }

    public static async Task<Fleet> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("simmer-crash").FullName;
        new Effects(new WorkerLife(folder, 0), new Claims()).Dispose();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddSimmerCore()
            .UseSqlite(WorkerLife.Jobs(folder))
            .AddQueue("brief")
            .AddQueue("bad")
            .AddQueue("light")
            .AddJob<Count>()
            .AddJob<Brief>()
            .AddJob<Bad>()
            .AddJob<Clumsy>()
            .Configure(static o => (o.Lease, o.Worker.Enabled) = (WorkerLife.Lease, false));
        var host = builder.Build();
        await host.StartAsync();
        return new Fleet(folder, host);
    }

    /// <summary>Starts a worker process.</summary>
    /// <param name="with">How it differs from an ordinary one.</param>
    /// <param name="environment">Its environment, given its life; see <see cref="Faults.DiskFaults"/>.</param>
    public WorkerProcess Spawn(Func<WorkerLife, WorkerLife>? with = null, Func<WorkerLife, Dictionary<string, string>?>? environment = null)
    {
        lock (_gate)
        {
            var life = new WorkerLife(Folder, _workers.Count + 1);
            life = with?.Invoke(life) ?? life;
            var worker = new WorkerProcess(life, environment?.Invoke(life));
            _workers.Add(worker);
            return worker;
        }
    }

    /// <summary>Starts a worker process and waits until it works.</summary>
    public async Task<WorkerProcess> SpawnReadyAsync(Func<WorkerLife, WorkerLife>? with = null, Func<WorkerLife, Dictionary<string, string>?>? environment = null)
    {
        var worker = Spawn(with, environment);
        await worker.ReadyAsync();
        return worker;
    }

    /// <summary>Enqueues from this process and notes what was acknowledged.</summary>
    public async Task<List<JobId>> EnqueueAsync(int count, Func<IJob> job, EnqueueOptions? options = null)
    {
        var handles = await _host.Services.GetRequiredService<IJobClient>().EnqueueManyAsync(Enumerable.Range(0, count).Select(_ => job()), options);
        var ids = handles.Select(static h => h.Id).ToList();
        _acks.Add(ids);
        return ids;
    }

    /// <summary>Waits until no job is left to run.</summary>
    public Task DrainedAsync(TimeSpan limit) => UntilAsync("jobs are stuck", limit, () => Audit.Number(Jobs, "SELECT count(*) FROM simmer_job") == 0);

    /// <summary>Waits until something is so in the store, or in what handlers did.</summary>
    public async Task UntilAsync(string otherwise, TimeSpan limit, Func<bool> isSo)
    {
        using var timer = new PeriodicTimer(s_pause);
        var since = TimeProvider.System.GetTimestamp();
        while (!isSo())
        {
            TimeProvider.System.GetElapsedTime(since).ShouldBeLessThan(limit, $"{otherwise}: {Audit.Unfinished(Folder)} in {Folder}\n{string.Join("\n\n", Workers.TakeLast(3))}");
            await timer.WaitForNextTickAsync();
        }
    }

    /// <summary>This process leaves the store as well, so that nothing of anybody may be left in it.</summary>
    public async Task LeaveAsync()
    {
        await _host.StopAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
    }

    /// <summary>All leave, and what was promised is compared with what is stored and what was done.</summary>
    /// <param name="story">How to repeat it.</param>
    /// <param name="expected">What ends otherwise than in success; null: only what was cancelled.</param>
    public async Task EndAsync(string story, Expected? expected = null)
    {
        await LeaveAsync();
        new Audit(this, expected ?? new Expected(), $"{story} in {Folder}").AtTheEnd();
        _passed = true;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var worker in Workers)
        {
            worker.Dispose();
        }

        await LeaveAsync();
        _acks.Dispose();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();

        if (_passed)
        {
            Directory.Delete(Folder, recursive: true);
        }
        else
        {
            // The files are the evidence.
            await File.WriteAllLinesAsync(Path.Combine(Folder, "workers.log"), Workers.Select(static w => w.ToString()));
        }
    }
}
