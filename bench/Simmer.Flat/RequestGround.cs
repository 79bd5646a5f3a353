using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Simmer.Flat;

/// <summary>Real Kestrel on loopback; each request adds a task that uses a scoped service after its response.</summary>
internal sealed class RequestGround : IGround
{
    private const int Connections = 32;

    private readonly WebApplication _app;
    private readonly Tally _tally;

    private RequestGround(WebApplication app) => (_app, _tally) = (app, app.Services.GetRequiredService<Tally>());

    public static async Task<IGround> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton<Tally>().AddScoped<Scoped>();
        builder.Services.AddSimmer();
        var app = builder.Build();
        app.MapGet("/", static (BackgroundTasks tasks) =>
        {
            tasks.Add(static (Tally tally, Scoped _) => tally.Add());
            return TypedResults.Text("done");
        });
        await app.StartAsync();
        return new RequestGround(app);
    }

    public async Task DoAsync(int count)
    {
        var goal = _tally.Count + count;
        var port = new Uri(_app.Urls.First()).Port;
        await Task.WhenAll(Enumerable.Range(0, Connections)
            .Select(i => Task.Run(() => LeanClient.RunAsync(port, (count / Connections) + (i < count % Connections ? 1 : 0)))));
        while (_tally.Count < goal)
        {
            await Task.Delay(1);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
