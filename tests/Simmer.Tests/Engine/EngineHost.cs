using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Simmer.Hosting;

namespace Simmer.Tests.Engine;

/// <summary>A real host with a real engine, for one test.</summary>
internal sealed class EngineHost : IAsyncDisposable
{
    private readonly IHost _host;

    private EngineHost(IHost host, LogLines log) => (_host, Log) = (host, log);

    public LogLines Log { get; }

    public IServiceProvider Services => _host.Services;

    public IJobClient Jobs => _host.Services.GetRequiredService<IJobClient>();

    public SimmerNode Node => _host.Services.GetRequiredService<SimmerNode>();

    /// <summary>Starts a host whose set-up is refused, and returns the exception.</summary>
    public static async Task<SimmerSetupException> RefusedAsync(Action<SimmerBuilder> configure,
        Action<HostApplicationBuilder>? host = null) =>
        await Should.ThrowAsync<SimmerSetupException>(async () => await StartAsync(configure, host));

    public static async Task<EngineHost> StartAsync(Action<SimmerBuilder> configure, Action<HostApplicationBuilder>? host = null)
    {
        var log = new LogLines();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.SetMinimumLevel(LogLevel.Debug).AddProvider(log);
        builder.Services.Configure<HostOptions>(static o => o.ShutdownTimeout = TimeSpan.FromSeconds(20));
        host?.Invoke(builder);
        configure(builder.Services.AddSimmerCore());
        var app = builder.Build();
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new EngineHost(app, log);
    }

    /// <summary>Stops with all the time it needs.</summary>
    public Task StopAsync() => _host.StopAsync(CancellationToken.None);

    /// <summary>Stops with the deadline already over.</summary>
    public Task StopNowAsync() => _host.StopAsync(new CancellationToken(canceled: true));

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        if (_host is IAsyncDisposable asynchronous)
        {
            await asynchronous.DisposeAsync();
        }
    }
}
