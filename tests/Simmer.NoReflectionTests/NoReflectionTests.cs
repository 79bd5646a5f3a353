using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Simmer.NoReflectionTests;

/// <summary>With JSON by reflection switched off, as in a trimmed application, jobs, results and HTTP work through source-generated
/// contexts.</summary>
public sealed class NoReflectionTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("simmer").FullName;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Reflection_is_switched_off_here() => JsonSerializer.IsReflectionEnabledByDefault.ShouldBeFalse();

    [Fact]
    public async Task A_durable_job_and_its_result_go_through_the_applications_own_context()
    {
        await using var app = await StartAsync(static s => s
            .AddJob(static (Measure job, CancellationToken _) => Task.FromResult(new Area(job.Width * job.Height))));

        var handle = await app.Services.GetRequiredService<IJobClient>().EnqueueAsync(new Measure(3, 4), cancellationToken: Cancelled);

        (await handle.WaitAsync(Cancelled)).Square.ShouldBe(12);
    }

    [Fact]
    public async Task Status_and_result_are_served_over_http()
    {
        await using var app = await StartAsync(static s => s
            .AddJob(static (Measure job, CancellationToken _) => Task.FromResult(new Area(job.Width * job.Height))));
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/measure");
        request.Headers.Add("Prefer", "wait=20");

        using var answer = await client.SendAsync(request, Cancelled);

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await answer.Content.ReadAsStringAsync(Cancelled)).ShouldContain("12");
    }

    [Fact]
    public async Task A_workflow_its_results_its_graph_and_its_events_are_served_over_http()
    {
        await using var app = await StartAsync(static s => s
            .AddJob(static (Measure job, CancellationToken _) => Task.FromResult(new Area(job.Width * job.Height)))
            .AddJob(static (Price job, Area area, CancellationToken _) => Task.FromResult(new Cost(job.PerSquare * area.Square))));
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/price");
        request.Headers.Add("Prefer", "wait=20");

        using var answer = await client.SendAsync(request, Cancelled);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await answer.Content.ReadAsStringAsync(Cancelled)).ShouldContain("\"counts\":{\"succeeded\":2,\"skipped\":2}");

        var status = answer.Headers.Location!.OriginalString;
        var view = await client.GetStringAsync(status, Cancelled);
        view.ShouldContain("\"edges\":[{\"from\":1,\"to\":2},{\"from\":1,\"to\":3}]");
        view.ShouldContain("\"role\":\"undo\"");
        view.ShouldContain("\"role\":\"onFailure\"");
        (await client.GetStringAsync(status + "/events", Cancelled)).ShouldContain("event: end");
        using var price = JsonDocument.Parse(view);
        (await client.GetStringAsync(price.RootElement.GetProperty("steps")[1].GetProperty("links").GetProperty("status").GetString()
            + "/result", Cancelled)).ShouldContain("24");
    }

    [Fact]
    public async Task Ids_in_a_job_and_in_its_result_are_plain_strings_that_come_back()
    {
        await using var app = await StartAsync(static s => s
            .AddJob(static (Follow job, CancellationToken _) => Task.FromResult(new Followed(new() { [job.Job] = job.Flow }))));
        var (job, flow) = (new JobId(Guid.CreateVersion7()), WorkflowId.For("order-1"));

        var handle = await app.Services.GetRequiredService<IJobClient>().EnqueueAsync(new Follow(job, flow), cancellationToken: Cancelled);

        (await handle.WaitAsync(Cancelled)).Flows.ShouldHaveSingleItem().ShouldBe(new(job, flow));
        JsonSerializer.Serialize(new Follow(job, flow), JobsJson.Default.Follow)
            .ShouldBe($$"""{"job":"{{job}}","flow":"{{flow}}","before":null}""");
        JsonSerializer.Deserialize($$$"""{"job":{"value":"{{{job}}}"},"flow":{"value":"{{{flow}}}"},"before":{"value":"{{{job}}}"}}""",
            JobsJson.Default.Follow).ShouldBe(new Follow(job, flow, job));
    }

    [Fact]
    public async Task What_would_be_lost_is_refused_here_too()
    {
        var error = await Should.ThrowAsync<SimmerSetupException>(() => StartAsync(static s => s.AddJob<Sealed>()));
        error.Message.ShouldContain("Sealed.Seal of Sealed is written and cannot be set again");

        var seen = new TaskCompletionSource<Crate>();
        await using var app = await StartAsync(s => s.AddJob((Crate job, CancellationToken _) =>
        {
            seen.TrySetResult(job);
            return Task.FromResult(new Area(1));
        }));
        var jobs = app.Services.GetRequiredService<IJobClient>();
        (await Should.ThrowAsync<ArgumentException>(() => jobs
            .EnqueueAsync(new Crate(new Anvil(9, "Smith"), (1, "a")), cancellationToken: Cancelled))).Message
            .ShouldContain("An Anvil stands where a Thing is declared");
        _ = await jobs.EnqueueAsync(new Crate(new Thing(3), (7, "shelf")), cancellationToken: Cancelled);
        (await seen.Task.WaitAsync(Cancelled)).ShouldBe(new Crate(new Thing(3), (7, "shelf")));
    }

    [Fact]
    public async Task A_record_that_no_longer_fits_is_kept_here_too()
    {
        JobId id;
        await using (var older = await StartAsync(static s => s.AddJob<Measure>()))
        {
            id = (await older.Services.GetRequiredService<IJobClient>().EnqueueAsync(new Measure(3, 4), cancellationToken: Cancelled)).Id;
        }

        await using var newer =
            await StartAsync(static s => s.AddJob(static (MeasureSince _, CancellationToken _) => Task.FromResult(new Area(1))));
        await foreach (var job in newer.Services.GetRequiredService<IJobClient>().WatchAsync(id, cancellationToken: Cancelled))
        {
            if (job.Errors is [{ Type: ErrorTypes.Unreadable } error])
            {
                error.Message.ShouldContain("unit");
                return;
            }
        }

        Assert.Fail("The job ended.");
    }

    [Fact]
    public async Task A_record_that_no_context_knows_is_told_at_start()
    {
        var error = await Should.ThrowAsync<SimmerSetupException>(() => StartAsync(static s => s.AddJob<Forgotten>()));

        error.Message.ShouldContain("forgotten");
    }

    private async Task<WebApplication> StartAsync(Action<SimmerBuilder> configure)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        configure(builder.Services.AddSimmer()
            .UseSqlite($"Data Source={Path.Combine(_folder, "jobs.db")}")
            .Configure(static o => o.Json = new JsonSerializerOptions(JsonSerializerDefaults.Web) { TypeInfoResolver = JobsJson.Default }));
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.MapPost("/measure", (RequestDelegate)(async context =>
        {
            var jobs = context.RequestServices.GetRequiredService<IJobClient>();
            await JobResults.Accepted(await jobs.EnqueueAsync(new Measure(3, 4), cancellationToken: context.RequestAborted))
                .ExecuteAsync(context);
        }));
        app.MapPost("/price", (RequestDelegate)(async context =>
        {
            var jobs = context.RequestServices.GetRequiredService<IJobClient>();
            var flow = Chain.Of(new Measure(3, 4), undo: new Measure(0, 0)).Then(new Price(2)).OnFailure(new Measure(0, 0));
            await JobResults.Accepted(await jobs.EnqueueAsync(flow, cancellationToken: context.RequestAborted)).ExecuteAsync(context);
        }));
        app.MapJobs("/jobs");
        await app.StartAsync(Cancelled);
        return app;
    }
}
