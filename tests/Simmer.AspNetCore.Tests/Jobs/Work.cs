using System.Net;
using System.Text.Json;

namespace Simmer.AspNetCore.Tests.Jobs;

/// <summary>A job whose course a test decides.</summary>
internal sealed record Work(string Name) : IJob<Done>;

internal sealed record Done(string Text, int Number);

/// <summary>A job without a result.</summary>
internal sealed record Chore : IJob;

/// <summary>Tells the handlers of a test what to do, and the test where they are.</summary>
internal sealed class Script
{
    public Gate Started { get; } = new();

    public Gate GoOn { get; } = new();

    public Func<Work, JobContext, CancellationToken, Task<JobVerdict<Done>>> Course { get; set; } =
        static (job, _, _) => Task.FromResult<JobVerdict<Done>>(new Done(job.Name, 42));

    public async Task<JobVerdict<Done>> WaitThenEndAsync(Work job, JobContext context, CancellationToken cancellationToken)
    {
        Started.Open();
        await GoOn.Opened(cancellationToken);
        return new Done(job.Name, 42);
    }
}

internal sealed class WorkHandler(Script script) : IVerdictHandler<Work, Done>
{
    public Task<JobVerdict<Done>> HandleAsync(Work job, JobContext context, CancellationToken cancellationToken) =>
        script.Course(job, context, cancellationToken);
}

/// <summary>An application that works.</summary>
internal static class WorkApp
{
    public static Task<TestApp> StartAsync(Script script, Action<WebApplication>? map = null,
        Action<WebApplicationBuilder>? configure = null) => TestApp.StartAsync(
        map ?? (static app =>
        {
            app.MapJobs("/jobs");
            MapEnqueue(app);
        }),
        static s => s.AddQueue("default", static q => q.Concurrency = 1)
            .AddJob<Work, WorkHandler>(static o => o.MaxAttempts = 1)
            .AddJob(static (Chore _, CancellationToken _) => Task.CompletedTask),
        builder =>
        {
            builder.Services.AddSingleton(script);
            configure?.Invoke(builder);
        });

    public static void MapEnqueue(WebApplication app, string? name = null)
    {
        app.MapPost("/start/{name}", async (string name, IJobClient jobs) => JobResults.Accepted(await jobs.EnqueueAsync(new Work(name))));
        app.MapPost("/chore", async (IJobClient jobs) => JobResults.Accepted(await jobs.EnqueueAsync(new Chore())));
        app.MapPost("/flow/{name}", async (string name, IJobClient jobs) =>
            JobResults.Accepted(await jobs.EnqueueAsync(Chain.Of(new Work(name)).Then(new Chore()), new WorkflowOptions { Name = "two" })));
        app.MapPost("/named", async (IJobClient jobs) => JobResults.Accepted(await jobs.EnqueueAsync(new Chore()), name));
    }

    public static async Task<JobHandle<Done>> EnqueueAsync(this TestApp app, string name = "it") =>
        await app.Services.GetRequiredService<IJobClient>().EnqueueAsync(new Work(name), null, TestContext.Current.CancellationToken);

    public static Task<WorkflowHandle> EnqueueAsync(this TestApp app, WorkflowElement workflow) =>
        app.Services.GetRequiredService<IJobClient>().EnqueueAsync(workflow, null, TestContext.Current.CancellationToken);

    public static async Task<(HttpResponseMessage Response, JsonElement Body)> SendAsync(this TestApp app, HttpMethod method, string path,
        string? prefer = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (prefer is not null)
        {
            request.Headers.Add("Prefer", prefer);
        }

        var response = await app.Http.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return (response, text.Length == 0 ? default : JsonDocument.Parse(text).RootElement);
    }

    public static Task<(HttpResponseMessage Response, JsonElement Body)> GetAsync(this TestApp app, string path) =>
        app.SendAsync(HttpMethod.Get, path);

    public static Task<(HttpResponseMessage Response, JsonElement Body)> PostAsync(this TestApp app, string path, string? prefer = null) =>
        app.SendAsync(HttpMethod.Post, path, prefer);

    public static async Task ShouldBeProblemAsync(this Task<(HttpResponseMessage Response, JsonElement Body)> answer, HttpStatusCode status,
        string detail)
    {
        var (response, body) = await answer;
        response.StatusCode.ShouldBe(status);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        body.GetProperty("status").GetInt32().ShouldBe((int)status);
        body.Text("detail").ShouldContain(detail);
    }

    public static string Text(this JsonElement element, string property) => element.GetProperty(property).GetString()!;
}
