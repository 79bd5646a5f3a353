using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Simmer.Execution;
using Simmer.Hosting;
using Simmer.Sqlite;

namespace Simmer.Load.Running;

/// <summary>A host with one store, callers and worker in one process.</summary>
internal sealed class BenchHost : IAsyncDisposable
{
    private const string Queue = "default";

    private readonly IHost _host;
    private readonly string _folder;

    private BenchHost(IHost host, string folder)
    {
        (_host, _folder) = (host, folder);
        Jobs = host.Services.GetRequiredService<IJobClient>();
        Counter = host.Services.GetRequiredService<TickCounter>();
        Lane = host.Services.GetRequiredService<SimmerNode>().LaneOf(Queue);
    }

    public IJobClient Jobs { get; }

    public TickCounter Counter { get; }

    private StoreLane Lane { get; }

    public static async Task<BenchHost> StartAsync(StoreChoice store, bool keep)
    {
        var folder = Directory.CreateTempSubdirectory("simmer-load").FullName;
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddSingleton<TickCounter>();
        var simmer = builder.Services.AddSimmerCore()
            .AddJob<Tick, TickHandler>()
            .AddQueue(Queue, q =>
            {
                q.Capacity = int.MaxValue;
                q.KeepSucceeded = keep ? TimeSpan.FromDays(1) : TimeSpan.Zero;
            });
        if (store != StoreChoice.Memory)
        {
            simmer.UseSqlite($"Data Source={Path.Combine(folder, "load.db")}", o => o.Synchronous = store == StoreChoice.Full ? SqliteSynchronous.Full : SqliteSynchronous.Normal);
        }

        var host = builder.Build();
        await host.StartAsync();
        return new BenchHost(host, folder);
    }

    /// <summary>Ends when all of the jobs have run and are settled.</summary>
    public async Task SettledAsync(long count)
    {
        var spin = TimeSpan.FromMilliseconds(1);
        while (Counter.Count < count || Lane.Table.Count > 0)
        {
            await Task.Delay(spin);
        }

        await Lane.Commit.WhenIdle();
    }

    public ValueTask PauseAsync() => Lane.Store.SetQueueAsync(Queue, paused: true, DateTimeOffset.UtcNow, CancellationToken.None);

    public async Task GoOnAsync()
    {
        await Lane.Store.SetQueueAsync(Queue, paused: false, DateTimeOffset.UtcNow, CancellationToken.None);
        Lane.Runner.HintAll();
        Lane.Commit.Poke();
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
