using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Simmer.Execution;
using Simmer.Hosting;
using Simmer.Sqlite;

namespace Simmer.Load.Running;

/// <summary>A host with one store.</summary>
internal sealed class BenchHost : IAsyncDisposable
{
    private const string Queue = "default";

    private readonly IHost _host;

    private BenchHost(IHost host)
    {
        _host = host;
        Jobs = host.Services.GetRequiredService<IJobClient>();
        Counter = host.Services.GetRequiredService<TickCounter>();
        Lane = host.Services.GetRequiredService<SimmerNode>().LaneOf(Queue);
    }

    public IJobClient Jobs { get; }

    public TickCounter Counter { get; }

    private StoreLane Lane { get; }

    public static async Task<BenchHost> StartAsync(Setting setting, string address, bool works)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddSingleton<TickCounter>();
        var simmer = builder.Services.AddSimmerCore()
            .Configure(o => o.Worker.Enabled = works)
            .AddJob<Tick, TickHandler>()
            .AddJob<Fan, FanHandler>()
            .AddJob<Baton, BatonHandler>()
            .AddQueue(Queue, q =>
            {
                q.Capacity = int.MaxValue;
                q.KeepSucceeded = setting.Keep ? TimeSpan.FromDays(1) : TimeSpan.Zero;
            });
        if (setting.IsSqlite)
        {
            simmer.UseSqlite(
                $"Data Source={Path.Combine(address, "load.db")}",
                o => o.Synchronous = setting.Store == StoreChoice.Full ? SqliteSynchronous.Full : SqliteSynchronous.Normal);
        }
        else if (setting.IsPostgres)
        {
            simmer.UsePostgres(address);
        }

        var host = builder.Build();
        await host.StartAsync();
        return new BenchHost(host);
    }

    /// <summary>Ends when this many jobs have run here, and all are settled.</summary>
    public async Task SettledAsync(long count)
    {
        await Counter.WhenAsync(count);
        await Lane.Table.WhenEmpty();
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
    }
}
