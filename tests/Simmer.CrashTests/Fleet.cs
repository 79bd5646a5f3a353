using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Simmer.CrashTests.Worker;

namespace Simmer.CrashTests;

/// <summary>A folder with a store, this process that only enqueues into it, and the worker processes that share it.</summary>
internal sealed class Fleet : IAsyncDisposable
{
    private readonly AckFile _acks;
    private readonly IHost _host;
    private readonly List<WorkerProcess> _workers = [];
    private int _lives;
    private bool _passed;

    private Fleet(string folder, IHost host) => (Folder, _host, _acks) = (folder, host, new AckFile(folder, "test"));

    public string Folder { get; }

    public IReadOnlyList<WorkerProcess> Workers => _workers;

    public static async Task<Fleet> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("simmer-crash").FullName;
        new Effects(folder, 0).Dispose();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddSimmerCore()
            .UseSqlite(WorkerLife.Jobs(folder))
            .AddJob<Count>()
            .Configure(static o => (o.Lease, o.Worker.Enabled) = (WorkerLife.Lease, false));
        var host = builder.Build();
        await host.StartAsync();
        return new Fleet(folder, host);
    }

    public WorkerProcess Spawn(int callers = 0, int concurrency = 8)
    {
        var worker = new WorkerProcess(new WorkerLife(Folder, ++_lives, callers, concurrency));
        _workers.Add(worker);
        return worker;
    }

    /// <summary>Enqueues from this process and notes what was acknowledged.</summary>
    public async Task EnqueueAsync(int count, Func<int> milliseconds)
    {
        var handles = await _host.Services.GetRequiredService<IJobClient>().EnqueueManyAsync(Enumerable.Range(0, count).Select(_ => new Count(milliseconds())));
        _acks.Add(handles.Select(static h => h.Id));
    }

    /// <summary>Ends when no job is left to run.</summary>
    public async Task DrainedAsync(TimeSpan limit)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        var until = TimeProvider.System.GetTimestamp();
        while (CrashTests.Audit.Number(WorkerLife.Jobs(Folder), "SELECT count(*) FROM simmer_job") is var left and > 0)
        {
            TimeProvider.System.GetElapsedTime(until).ShouldBeLessThan(limit, $"{left} jobs are stuck: {CrashTests.Audit.Unfinished(Folder)}\n{string.Join("\n\n", _workers.TakeLast(2))}");
            await timer.WaitForNextTickAsync();
        }
    }

    /// <summary>This process leaves the store as well, so that nothing of anybody may be left in it.</summary>
    public async Task LeaveAsync()
    {
        await _host.StopAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
    }

    /// <summary>Compares what was promised with what is stored and what was done.</summary>
    public void Audit(IReadOnlyCollection<int> killed, string story)
    {
        CrashTests.Audit.Check(Folder, killed, $"{story} in {Folder}");
        _passed = true;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var worker in _workers)
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
            await File.WriteAllLinesAsync(Path.Combine(Folder, "workers.log"), _workers.Select(static w => w.ToString()));
        }
    }
}
