using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace Simmer.AspNetCore.Tests.Support;

/// <summary>A real Kestrel on a free port, with Simmer in memory, for one test.</summary>
internal sealed class TestApp : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TestApp(WebApplication app, LogLines log)
    {
        (_app, Log) = (app, log);
        Address = new Uri(app.Urls.Single());
        Http = new HttpClient { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(30) };
    }

    public Uri Address { get; }

    public LogLines Log { get; }

    /// <summary>For what needs no look at the wire.</summary>
    public HttpClient Http { get; }

    public IServiceProvider Services => _app.Services;

    public static Task<TestApp> StartAsync(Action<WebApplication> map, Action<SimmerBuilder>? simmer = null,
        Action<WebApplicationBuilder>? configure = null, string environment = "Test") =>
        StartWithAsync(
            map,
            builder =>
            {
                configure?.Invoke(builder);
                var added = builder.Services.AddSimmer();
                simmer?.Invoke(added);
            },
            environment);

    /// <summary>For tests that add Simmer themselves.</summary>
    public static async Task<TestApp> StartWithAsync(Action<WebApplication> map, Action<WebApplicationBuilder> configure,
        string environment = "Test")
    {
        var log = new LogLines();
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = environment });
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Debug).AddProvider(log);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.Configure<HostOptions>(static o => o.ShutdownTimeout = TimeSpan.FromSeconds(20));
        configure(builder);
        var app = builder.Build();
        map(app);
        try
        {
            await app.StartAsync(TestContext.Current.CancellationToken);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }

        return new TestApp(app, log);
    }

    public Task<RawClient> ConnectAsync() => RawClient.ConnectAsync(Address.Port);

    public Task StopAsync(CancellationToken deadline = default) => _app.StopAsync(deadline);

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
