using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Peers.Running;
using Simmer;

namespace Peers.Serving;

/// <summary>Simmer's tasks after the response, in the shape of the FastAPI application that they are compared with.</summary>
internal static class WebPeer
{
    public static async Task<int> RunAsync(int port, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"));
        builder.Services.AddSingleton<TaskStarts>();
        builder.Services.AddSimmer();
        await using var app = builder.Build();
        app.MapPost("/note", static (Note note, BackgroundTasks tasks) =>
        {
            tasks.Add(note, static (Note _, TaskStarts starts) => starts.AddAsync());
            return Json(new { message = "noted" });
        });
        app.MapGet("/ran", static (TaskStarts starts) => Json(starts.Report()));
        await app.StartAsync(cancellationToken);
        var versions = new Dictionary<string, string> { ["Simmer"] = SimmerPeer.Version, [".NET"] = Environment.Version.ToString() };
        Console.WriteLine(JsonSerializer.Serialize(new Answer { Versions = versions }, Answer.Json));

        // Ends when its parent does.
        await Console.In.ReadToEndAsync(cancellationToken);
        return 0;
    }

    // With its length, as FastAPI answers; JSON results come in chunks.
    private static Utf8ContentHttpResult Json<T>(T value) =>
        TypedResults.Text(JsonSerializer.SerializeToUtf8Bytes(value, JsonSerializerOptions.Web), "application/json");
}
