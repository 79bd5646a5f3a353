using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Simmer.CrashTests.Worker;

namespace Simmer.CrashTests;

/// <summary>A folder with a store, this process that enqueues into it, and the worker processes that share it.</summary>
/// <remarks>This process runs no jobs while it uses the store, but it does the upkeep that every process does: it rescues, promotes and
/// prunes.</remarks>
internal sealed class Fleet : IAsyncDisposable
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(50);

    private readonly AckFile _acks;
    private readonly AckFile _flows;
    private readonly List<WorkerProcess> _workers = [];
    private readonly Lock _gate = new();
    private IHost? _host;
    private bool _passed;

    public Fleet()
    {
        Folder = Directory.CreateTempSubdirectory("simmer-crash").FullName;
        new Effects(new WorkerLife(Folder, 0), new Claims()).Dispose();
        _acks = new AckFile(Folder, "test");
        _flows = new AckFile(Folder, "test", AckFile.Flows);
    }

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

    /// <summary>Starts a worker process.</summary>
    /// <param name="with">Changes the settings of an ordinary life.</param>
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
    public async Task<WorkerProcess> SpawnReadyAsync(Func<WorkerLife, WorkerLife>? with = null,
        Func<WorkerLife, Dictionary<string, string>?>? environment = null)
    {
        var worker = Spawn(with, environment);
        await worker.ReadyAsync();
        return worker;
    }

    /// <summary>The services of this process, which is on the store from now on.</summary>
    public async Task<IServiceProvider> ServicesAsync() => (_host ??= await JoinAsync()).Services;

    /// <summary>Enqueues from this process, which is on the store from now on, and notes what was acknowledged.</summary>
    public async Task<List<JobId>> EnqueueAsync(int count, Func<IJob> job, EnqueueOptions? options = null)
    {
        _host ??= await JoinAsync();
        var handles = await _host.Services.GetRequiredService<IJobClient>()
            .EnqueueManyAsync(Enumerable.Range(0, count).Select(_ => job()), options);
        var ids = handles.Select(static h => h.Id).ToList();
        _acks.Add(ids);
        return ids;
    }

    /// <summary>Enqueues a workflow from this process.</summary>
    public async Task EnqueueAsync(WorkflowElement flow)
    {
        _host ??= await JoinAsync();
        var handle = await _host.Services.GetRequiredService<IJobClient>().EnqueueAsync(flow);
        _flows.Add(new JobId(handle.Id.Value));
    }

    /// <summary>Waits until no job is left to run and every killed worker has been declared dead.</summary>
    public Task DrainedAsync(TimeSpan limit) => UntilAsync(
        "jobs are stuck, or dead workers are not found", limit, () => Audit.Number(Jobs, "SELECT count(*) FROM simmer_job") == 0 && Audit
            .Number(Jobs, "SELECT count(*) FROM simmer_worker") <= Present());

    /// <summary>Waits until something is so in the store, or in what handlers did.</summary>
    public async Task UntilAsync(string otherwise, TimeSpan limit, Func<bool> isSo)
    {
        using var timer = new PeriodicTimer(s_pause);
        var since = TimeProvider.System.GetTimestamp();
        while (!isSo())
        {
            if (TimeProvider.System.GetElapsedTime(since) > limit)
            {
                Assert.Fail($"{otherwise}: {Audit.Unfinished(Folder)} in {Folder}\n{string.Join("\n\n", Workers.TakeLast(3))}");
            }

            await timer.WaitForNextTickAsync();
        }
    }

    /// <summary>This process leaves the store, until it enqueues again.</summary>
    public async Task LeaveAsync()
    {
        if (_host is { } host)
        {
            _host = null;
            await host.StopAsync();
            await ((IAsyncDisposable)host).DisposeAsync();
        }
    }

    /// <summary>All leave, and what was promised is compared with what is stored and what was done.</summary>
    /// <param name="story">How to repeat it.</param>
    /// <param name="expected">What does not end in success; null: only what was cancelled.</param>
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
        _flows.Dispose();
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

    private int Present() => Workers.Count(static w => w.ExitCode is null) + (_host is null ? 0 : 1);

    private async Task<IHost> JoinAsync()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddSimmerCore()
            .UseSqlite(Jobs)
            .AddQueue("brief")
            .AddQueue("bad")
            .AddQueue("light")
            .AddJob<Count>()
            .AddJob<Brief>()
            .AddJob<Bad>()
            .AddJob<Clumsy>()
            .AddJob<Exact>()
            .AddJob<Leaf>()
            .AddJob<Part>()
            .Configure(static o => (o.Lease, o.Worker.Enabled) = (WorkerLife.Lease, false));
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }
}
