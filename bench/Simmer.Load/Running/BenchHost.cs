using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Simmer.Engine;
using Simmer.Hosting;
using Simmer.Sqlite;

namespace Simmer.Load.Running;

/// <summary>A host with one store.</summary>
internal sealed class BenchHost : IAsyncDisposable
{
    public const string Queue = "default";

    private readonly IHost _host;

    private BenchHost(IHost host)
    {
        _host = host;
        Jobs = host.Services.GetRequiredService<IJobClient>();
        Counter = host.Services.GetRequiredService<TickCounter>();
        Engine = host.Services.GetRequiredService<SimmerNode>().Engines.Of(Queue);
    }

    public IJobClient Jobs { get; }

    public TickCounter Counter { get; }

    private StoreEngine Engine { get; }

    /// <param name="setting">The store.</param>
    /// <param name="address">Its place.</param>
    /// <param name="works">Whether it runs jobs.</param>
    /// <param name="localDispatch">Whether a job may start here without a claim.</param>
    /// <param name="warnings">Takes what it warns of; null: nothing is logged at all.</param>
    public static async Task<BenchHost> StartAsync(Setting setting, string address, bool works, bool localDispatch = true,
        Warnings? warnings = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        if (warnings is not null)
        {
            builder.Logging.AddProvider(warnings);
        }

        builder.Services.AddSingleton<TickCounter>();
        var simmer = builder.Services.AddSimmerCore()
            .Configure(o => o.Worker.Enabled = works)
            .AddJob<Tick, TickHandler>()
            .AddJob<Fan, FanHandler>()
            .AddJob<Baton, BatonHandler>()
            .AddJob<Stall, StallHandler>()
            .AddQueue(Queue, q =>
            {
                q.Capacity = int.MaxValue;
                q.LocalDispatch = localDispatch;
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
        await Engine.Table.WhenEmpty();
        await Engine.Flusher.WhenIdle();
    }

    public ValueTask PauseAsync() => Engine.Store.PauseQueueAsync(Queue, null, null, DateTimeOffset.UtcNow, CancellationToken.None);

    public async Task GoOnAsync()
    {
        await Engine.Store.ResumeQueueAsync(Queue, DateTimeOffset.UtcNow, CancellationToken.None);
        Engine.Runner.HintAll();
        Engine.Intake.RequestFlush();
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
    }
}
