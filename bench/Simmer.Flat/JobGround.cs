using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Simmer.Flat;

[Job("tick")]
public sealed record Tick(int Number, string Text) : IJob;

/// <summary>Callers and worker in one process; the callers wait for each enqueue and keep a bounded lead.</summary>
internal sealed class JobGround : IGround
{
    private const int Callers = 64;
    private const int Lead = 10_000;

    private static readonly string s_text = new('x', 100);

    private readonly IHost _host;
    private readonly string _folder;
    private readonly Tally _tally;
    private readonly IJobClient _jobs;

    private JobGround(IHost host, string folder)
    {
        (_host, _folder) = (host, folder);
        _tally = host.Services.GetRequiredService<Tally>();
        _jobs = host.Services.GetRequiredService<IJobClient>();
    }

    public static async Task<IGround> StartAsync(bool sqlite, TimeSpan keep)
    {
        var folder = Directory.CreateTempSubdirectory("simmer-flat").FullName;
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddSingleton<Tally>().AddScoped<Scoped>();
        var simmer = builder.Services.AddSimmerCore()
            .AddQueue("default", q => (q.Capacity, q.KeepSucceeded) = (Lead * 2, keep))
            .AddJob(static (Tick _, Tally tally, Scoped _, CancellationToken _) =>
            {
                tally.Add();
                return Task.CompletedTask;
            });
        if (sqlite)
        {
            _ = simmer.UseSqlite($"Data Source={Path.Combine(folder, "flat.db")}");
        }

        var host = builder.Build();
        await host.StartAsync();
        return new JobGround(host, folder);
    }

    public async Task DoAsync(int count)
    {
        var goal = _tally.Count + count;
        var enqueued = _tally.Count;
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref enqueued) is var number && number <= goal)
            {
                while (number - _tally.Count > Lead)
                {
                    await Task.Delay(1);
                }

                await _jobs.EnqueueAsync(new Tick(0, s_text));
            }
        })));
        while (_tally.Count < goal)
        {
            await Task.Delay(1);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}

/// <summary>How many have run.</summary>
internal sealed class Tally
{
    private long _count;

    public long Count => Volatile.Read(ref _count);

    public void Add() => Interlocked.Increment(ref _count);
}

/// <summary>A service of which each run gets a new object that has to be disposed of.</summary>
internal sealed class Scoped : IAsyncDisposable
{
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
