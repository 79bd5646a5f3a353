using System.Net;
using Simmer.AspNetCore.Tests.Jobs;

namespace Simmer.AspNetCore.Tests.Workflows;

/// <summary>Cancelling workflows, and who may see what.</summary>
public sealed class MapWorkflowsTests
{
    [Fact]
    public async Task A_workflow_that_waits_is_cancelled_at_once_and_one_that_runs_is_told_to_stop()
    {
        var script = new Script();
        script.Course = script.WaitThenEndAsync;
        await using var app = await WorkApp.StartAsync(script);
        var running = await app.EnqueueAsync(Chain.Of(new Work("it")).Then(new Chore()));
        await script.Started.Soon();
        var waiting = await app.EnqueueAsync(Chain.Of(new Chore()).Then(new Chore()));

        var (response, body) = await app.PostAsync($"/jobs/workflows/{waiting.Id}/cancel");
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        body.Text("state").ShouldBe("cancelled");
        body.Counts().ShouldBe("cancelled:2");
        body.GetProperty("cancelRequested").GetBoolean().ShouldBeTrue();
        body.Text("reason").ShouldBe("cancelled over HTTP");

        (await app.PostAsync($"/jobs/workflows/{running.Id}/cancel")).Response.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        await Should.ThrowAsync<WorkflowFailedException>(() => running.WaitAsync(TestContext.Current.CancellationToken));
        (await app.GetAsync($"/jobs/workflows/{running.Id}")).Body.Text("state").ShouldBe("cancelled");
        await app.PostAsync($"/jobs/workflows/{running.Id}/cancel").ShouldBeProblemAsync(HttpStatusCode.Conflict, "it ended cancelled");
    }

    [Fact]
    public async Task A_workflow_whose_last_steps_run_cannot_be_cancelled_any_more()
    {
        var script = new Script();
        script.Course = script.WaitThenEndAsync;
        await using var app = await WorkApp.StartAsync(script);
        var handle = await app.EnqueueAsync(Chain.Of(new Chore()).Finally(new Work("it")));
        await script.Started.Soon();
        await app.PostAsync($"/jobs/workflows/{handle.Id}/cancel")
            .ShouldBeProblemAsync(HttpStatusCode.Conflict, "Cancel one of them as a job");
        script.GoOn.Open();
        await handle.WaitAsync(TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData("GET", "")]
    [InlineData("GET", "/events")]
    [InlineData("POST", "/cancel")]
    public async Task Wrong_ids_and_refusals_are_problems(string method, string tail)
    {
        var asked = 0;
        await using var app = await WorkApp.StartAsync(new Script(), app => app.MapJobs("/jobs", o => o.Authorize = (context, job) =>
        {
            asked++;
            return ValueTask.FromResult(job.Step == "first" && context.Request.Headers.Authorization == "me");
        }));
        var verb = new HttpMethod(method);
        await app.SendAsync(verb, $"/jobs/workflows/nonsense{tail}")
            .ShouldBeProblemAsync(HttpStatusCode.BadRequest, "'nonsense' is not a workflow id");
        await app.SendAsync(verb, $"/jobs/workflows/01970c9e-8a5c-7f3e-9c1b-2f6d1c000001{tail}")
            .ShouldBeProblemAsync(HttpStatusCode.BadRequest, "ends in six zeros");
        await app.SendAsync(verb, $"/jobs/workflows/01970c9e-8a5c-7f3e-9c1b-2f6d1c000000{tail}")
            .ShouldBeProblemAsync(HttpStatusCode.NotFound, "in the memory of another process");

        var handle = await app.EnqueueAsync(Chain.Of("first", new Work("it")).Then(new Chore()).Then(new Chore()));
        await handle.WaitAsync(TestContext.Current.CancellationToken);
        asked.ShouldBe(0);
        await app.SendAsync(verb, $"/jobs/workflows/{handle.Id}{tail}")
            .ShouldBeProblemAsync(HttpStatusCode.NotFound, $"No workflow {handle.Id} is known here");
        asked.ShouldBe(1);

        var empty = await app.EnqueueAsync(new Workflow());
        await app.SendAsync(verb, $"/jobs/workflows/{empty.Id}{tail}")
            .ShouldBeProblemAsync(HttpStatusCode.NotFound, $"No workflow {empty.Id} is known here");
        asked.ShouldBe(1);

        app.Http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "me");
        (await app.GetAsync($"/jobs/workflows/{handle.Id}")).Response.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("GET", "workflows/", "", nameof(IJobClient.GetAsync))]
    [InlineData("GET", "workflows/", "", nameof(IJobClient.GetStepsAsync))]
    [InlineData("POST", "workflows/", "/cancel", nameof(IJobClient.CancelAsync))]
    [InlineData("GET", "", "", nameof(IJobClient.GetAsync))]
    [InlineData("POST", "", "/cancel", nameof(IJobClient.CancelAsync))]
    public async Task A_store_that_is_away_for_a_while_is_answered_503(string method, string head, string tail, string broken)
    {
        await using var app = await TestApp.StartWithAsync(static app => app.MapJobs("/jobs"), builder =>
        {
            builder.Services.AddSimmer().AddJob(static (Chore _, CancellationToken _) => Task.CompletedTask);
            var real = builder.Services.Last(static s => s.ServiceType == typeof(IJobClient)).ImplementationFactory!;
            builder.Services.AddSingleton(s => ShakyClient.Around((IJobClient)real(s), broken));
        });
        var handle = await app.EnqueueAsync(Chain.Of(new Chore()));
        var answer = app.SendAsync(new HttpMethod(method), $"/jobs/{head}{(head.Length > 0 ? handle.Id : handle.Id.Step(1))}{tail}");
        await answer.ShouldBeProblemAsync(HttpStatusCode.ServiceUnavailable, "cannot be reached");
        (await answer).Response.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task Accepted_says_where_the_workflow_is()
    {
        await using var app = await WorkApp.StartAsync(new Script());
        var (response, body) = await app.PostAsync("/flow/it");
        response.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        var status = $"/jobs/workflows/{body.Text("id")}";
        response.Headers.Location!.OriginalString.ShouldBe(status);
        response.Headers.Vary.ShouldContain("Prefer");
        body.Text("state").ShouldBe("running");
        body.GetProperty("links").Text("status").ShouldBe(status);
        body.Has("steps").ShouldBeFalse();
        (await app.GetAsync(status)).Response.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_client_that_waits_is_told_how_the_workflow_ended()
    {
        var script = new Script { Course = static (job, _, _) => Task
            .FromResult<JobVerdict<Done>>(job.Name == "bad" ? JobVerdict.Fail("declined") : new Done(job.Name, 1)) };
        await using var app = await WorkApp.StartAsync(script);
        var (response, body) = await app.PostAsync("/flow/it", "wait=20");
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Headers.GetValues("Preference-Applied").ShouldBe(["wait=20"]);
        response.Headers.Location!.OriginalString.ShouldBe($"/jobs/workflows/{body.Text("id")}");
        body.Text("state").ShouldBe("succeeded");
        body.Text("name").ShouldBe("two");
        body.Counts().ShouldBe("succeeded:2");
        body.Has("steps").ShouldBeFalse();

        (response, body) = await app.PostAsync("/flow/bad", "wait=20");
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        body.Text("state").ShouldBe("failed");
    }

    [Fact]
    public async Task A_client_that_waits_for_a_chain_is_given_the_result_of_its_last_job()
    {
        await using var app = await WorkApp.StartAsync(new Script(), static app =>
        {
            app.MapJobs("/jobs");
            app.MapPost("/chain", async (IJobClient jobs) => JobResults
                .Accepted(await jobs.EnqueueAsync(Chain.Of(new Chore()).Then(new Work("last")))));
        });

        var (response, body) = await app.PostAsync("/chain", "wait=20");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        body.GetProperty("result").GetRawText().ShouldBe("""{"text":"last","number":42}""");
        (await app.PostAsync("/chain")).Body.Has("result").ShouldBeFalse();
    }

    [Fact]
    public async Task A_client_that_waits_too_short_is_told_where_to_ask()
    {
        var script = new Script();
        script.Course = script.WaitThenEndAsync;
        await using var app = await WorkApp.StartAsync(script);
        var (response, body) = await app.PostAsync("/flow/it", "wait=1");
        response.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        body.Text("state").ShouldBe("running");
        script.GoOn.Open();
    }

    [Fact]
    public async Task Links_follow_the_group_in_which_jobs_are_mapped()
    {
        await using var app = await WorkApp.StartAsync(new Script(), static app =>
        {
            var api = app.MapGroup("/api/{tenant}");
            api.MapJobs("/jobs");
            api.MapPost("/flow", async (IJobClient jobs) => JobResults.Accepted(await jobs.EnqueueAsync(Chain.Of(new Chore()))));
        });
        var (response, body) = await app.PostAsync("/api/acme/flow");
        response.Headers.Location!.OriginalString.ShouldBe($"/api/acme/jobs/workflows/{body.Text("id")}");
        var view = (await app.GetAsync(response.Headers.Location.OriginalString)).Body;
        view.Step("chore").GetProperty("links").Text("status").ShouldBe($"/api/acme/jobs/{view.Step("chore").Text("job")}");
    }
}
