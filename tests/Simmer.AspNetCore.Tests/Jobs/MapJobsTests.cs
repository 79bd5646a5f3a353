using System.Net;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.Routing;

namespace Simmer.AspNetCore.Tests.Jobs;

/// <summary>Status, result and cancel of jobs, and who may see them.</summary>
public sealed class MapJobsTests
{
    [Fact]
    public async Task Status_shows_progress_and_then_the_end()
    {
        Gate reported = new();
        var script = new Script();
        script.Course = (job, context, cancellationToken) =>
        {
            context.Progress.Report(0.5, "half way");
            reported.Open();
            return script.WaitThenEndAsync(job, context, cancellationToken);
        };
        await using var app = await WorkApp.StartAsync(script);
        var handle = await app.EnqueueAsync();
        await reported.Soon();
        var jobs = app.Services.GetRequiredService<IJobClient>();
        await foreach (var job in jobs.WatchAsync(handle.Id, cancellationToken: TestContext.Current.CancellationToken))
        {
            if (job.Progress is not null)
            {
                break;
            }
        }

        var (response, body) = await app.GetAsync($"/jobs/{handle.Id}");
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Headers.CacheControl!.NoStore.ShouldBeTrue();
        body.Text("state").ShouldBe("running");
        body.Text("kind").ShouldBe("work");
        body.GetProperty("progress").GetProperty("fraction").GetDouble().ShouldBe(0.5);
        body.GetProperty("progress").Text("text").ShouldBe("half way");

        script.GoOn.Open();
        await handle.WaitAsync(TestContext.Current.CancellationToken);
        (await app.GetAsync($"/jobs/{handle.Id}")).Body.Text("state").ShouldBe("succeeded");
    }

    [Fact]
    public async Task A_result_is_there_when_the_job_has_succeeded()
    {
        var script = new Script();
        script.Course = script.WaitThenEndAsync;
        await using var app = await WorkApp.StartAsync(script);
        var handle = await app.EnqueueAsync();
        await script.Started.Soon();
        await app.GetAsync($"/jobs/{handle.Id}/result").ShouldBeProblemAsync(HttpStatusCode.Conflict, "no result yet: it is running");
        script.GoOn.Open();
        await handle.WaitAsync(TestContext.Current.CancellationToken);
        var (response, body) = await app.GetAsync($"/jobs/{handle.Id}/result");
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
        body.Text("text").ShouldBe("it");
    }

    [Fact]
    public async Task A_job_that_failed_or_gives_nothing_has_no_result()
    {
        var script = new Script { Course = static (_, _, _) => Task.FromResult<JobVerdict<Done>>(JobVerdict.Fail("declined")) };
        await using var app = await WorkApp.StartAsync(script);
        var failed = (await app.PostAsync("/start/it", "wait=20")).Body;
        await app.GetAsync(failed.GetProperty("links").Text("result"))
            .ShouldBeProblemAsync(HttpStatusCode.Conflict, "it ended failed (declined)");
        var chore = (await app.PostAsync("/chore", "wait=20")).Body;
        chore.Text("state").ShouldBe("succeeded");
        (await app.GetAsync(chore.GetProperty("links").Text("result"))).Response.StatusCode.ShouldBe(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task A_running_job_is_told_to_stop_and_a_finished_one_cannot_be_cancelled()
    {
        var script = new Script();
        script.Course = script.WaitThenEndAsync;
        await using var app = await WorkApp.StartAsync(script);
        var running = await app.EnqueueAsync();
        await script.Started.Soon();
        var waiting = await app.EnqueueAsync();

        var (response, body) = await app.PostAsync($"/jobs/{waiting.Id}/cancel");
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        body.Text("state").ShouldBe("cancelled");

        (await app.SendAsync(HttpMethod.Delete, $"/jobs/{running.Id}")).Response.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        await Should.ThrowAsync<JobFailedException>(() => running.WaitAsync(TestContext.Current.CancellationToken));
        (await app.GetAsync($"/jobs/{running.Id}")).Body.Text("state").ShouldBe("cancelled");
        await app.PostAsync($"/jobs/{running.Id}/cancel").ShouldBeProblemAsync(HttpStatusCode.Conflict, "it ended cancelled");
    }

    /// <summary>All requests that the endpoints of one job answer: the method, and what follows the id in the path.</summary>
    public static TheoryData<string, string> RequestsForAJob { get; } = new()
    {
        { "GET", "" }, { "GET", "/result" }, { "GET", "/events" }, { "POST", "/cancel" }, { "DELETE", "" },
    };

    [Theory]
    [MemberData(nameof(RequestsForAJob))]
    public async Task Wrong_ids_and_refusals_are_problems(string method, string tail)
    {
        var script = new Script();
        await using var app = await WorkApp.StartAsync(script, static app =>
        {
            app.MapJobs("/jobs", static o => o.Authorize = static (context, job) =>
                ValueTask.FromResult(job.Kind == "chore" || context.Request.Headers.Authorization == "me"));
            WorkApp.MapEnqueue(app);
        });
        var verb = new HttpMethod(method);
        await app.SendAsync(verb, $"/jobs/nonsense{tail}").ShouldBeProblemAsync(HttpStatusCode.BadRequest, "'nonsense' is not a job id");
        await app.SendAsync(verb, $"/jobs/{Guid.CreateVersion7()}{tail}")
            .ShouldBeProblemAsync(HttpStatusCode.NotFound, "in the memory of another process");

        var handle = await app.EnqueueAsync();
        await handle.WaitAsync(TestContext.Current.CancellationToken);
        await app.SendAsync(verb, $"/jobs/{handle.Id}{tail}")
            .ShouldBeProblemAsync(HttpStatusCode.NotFound, $"No job {handle.Id} is known here");
        app.Http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "me");
        (await app.GetAsync($"/jobs/{handle.Id}")).Response.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [MemberData(nameof(RequestsForAJob))]
    public async Task An_Authorize_that_throws_shows_and_changes_nothing_and_fails_its_own_request_alone(string method, string tail)
    {
        var script = new Script();
        script.Course = script.WaitThenEndAsync;
        await using var app = await WorkApp.StartAsync(script, static app =>
        {
            app.MapJobs("/jobs", static o => o.Authorize = static (context, _) => context.Request.Headers.Authorization switch
            {
                [] => throw new InvalidOperationException("The directory of users is away."),
                ["later"] => new(Task.FromException<bool>(new InvalidOperationException("The directory of users is away."))),
                _ => new(true),
            });
            WorkApp.MapEnqueue(app);
        });
        var handle = await app.EnqueueAsync();
        await script.Started.Soon();

        foreach (var user in new[] { null, "later" })
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), $"/jobs/{handle.Id}{tail}");
            if (user is not null)
            {
                request.Headers.TryAddWithoutValidation("Authorization", user).ShouldBeTrue();
            }

            using var response = await app.Http.SendAsync(request, TestContext.Current.CancellationToken);
            response.StatusCode.ShouldBe(HttpStatusCode.InternalServerError);
            (await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldNotContain(handle.Id.ToString());
        }

        (await handle.GetAsync(TestContext.Current.CancellationToken))!.CancelRequested.ShouldBeFalse();
        app.Http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "ada");
        (await app.GetAsync($"/jobs/{handle.Id}")).Response.StatusCode.ShouldBe(HttpStatusCode.OK);
        script.GoOn.Open();
        await handle.WaitAsync(TestContext.Current.CancellationToken);
        var (enqueued, body) = await app.PostAsync("/chore", "wait=20");
        (enqueued.StatusCode, body.Text("state")).ShouldBe((HttpStatusCode.OK, "succeeded"));
    }

    [Fact]
    public async Task Links_follow_the_group_in_which_jobs_are_mapped()
    {
        await using var app = await WorkApp.StartAsync(new Script(), static app =>
        {
            var api = app.MapGroup("/api/{tenant}");
            api.MapJobs("/jobs");
            api.MapPost("/chore", async (IJobClient jobs) => JobResults.Accepted(await jobs.EnqueueAsync(new Chore())));
        });
        var (response, body) = await app.PostAsync("/api/acme/chore");
        response.Headers.Location!.OriginalString.ShouldBe($"/api/acme/jobs/{body.Text("id")}");
        (await app.GetAsync(response.Headers.Location.OriginalString)).Response.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Conventions_reach_every_endpoint_and_OpenAPI_knows_them()
    {
        await using var app = await WorkApp.StartAsync(
            new Script(),
            static app =>
            {
                app.MapJobs("/jobs").RequireAuthorization("users").AllowAnonymous();
                WorkApp.MapEnqueue(app);
            },
            static b => b.Services.AddEndpointsApiExplorer().AddAuthorization());
        var endpoints = app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(static e => e.RoutePattern.RawText!.StartsWith("/jobs", StringComparison.Ordinal)).ToList();
        endpoints.Count.ShouldBe(8);
        endpoints.ShouldAllBe(static e => e.Metadata.GetMetadata<IAuthorizeData>()!.Policy == "users");
        endpoints.Select(static e => e.Metadata.GetMetadata<IEndpointNameMetadata>()!.EndpointName).Distinct().Count().ShouldBe(8);

        var described = app.Services.GetRequiredService<IApiDescriptionGroupCollectionProvider>().ApiDescriptionGroups.Items
            .SelectMany(static g => g.Items).ToList();
        described.Select(static d => $"{d.HttpMethod} {d.RelativePath}").ShouldContain("GET jobs/{id}");
        var status = described.Single(static d => d.HttpMethod == "GET" && d.RelativePath == "jobs/{id}");
        status.ParameterDescriptions.Single().Name.ShouldBe("id");
        status.SupportedResponseTypes.Select(static r => r.StatusCode).ShouldBe([200, 400, 404], ignoreOrder: true);
        var workflow = described.Single(static d => d.HttpMethod == "GET" && d.RelativePath == "jobs/workflows/{id}");
        workflow.ParameterDescriptions.Select(static p => (p.Name, p.Source.Id, p.IsRequired))
            .ShouldBe([("id", "Path", true), ("steps", "Query", false)]);
        workflow.SupportedResponseTypes.Select(static r => r.StatusCode).ShouldBe([200, 400, 404], ignoreOrder: true);
        described.Single(static d => d.RelativePath == "chore").SupportedResponseTypes.Select(static r => r.StatusCode)
            .ShouldBe([200, 202, 503], ignoreOrder: true);
    }
}
