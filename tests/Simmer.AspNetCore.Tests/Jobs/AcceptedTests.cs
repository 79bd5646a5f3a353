using System.Net;

namespace Simmer.AspNetCore.Tests.Jobs;

/// <summary>Endpoints that answer 202 Accepted, and clients that wait for the result.</summary>
public sealed class AcceptedTests
{
    [Fact]
    public async Task Accepted_says_where_the_job_is()
    {
        await using var app = await WorkApp.StartAsync(new Script());
        var (response, body) = await app.PostAsync("/start/it");
        response.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        var status = $"/jobs/{body.Text("id")}";
        response.Headers.Location!.OriginalString.ShouldBe(status);
        response.Headers.Vary.ShouldContain("Prefer");
        response.Headers.Contains("Preference-Applied").ShouldBeFalse();
        body.Text("state").ShouldBeOneOf("ready", "running");
        var links = body.GetProperty("links");
        links.Text("status").ShouldBe(status);
        links.Text("result").ShouldBe(status + "/result");
        links.Text("events").ShouldBe(status + "/events");
        links.Text("cancel").ShouldBe(status + "/cancel");
    }

    [Fact]
    public async Task A_client_that_waits_gets_the_result()
    {
        await using var app = await WorkApp.StartAsync(new Script());
        var (response, body) = await app.PostAsync("/start/it", "respond-async; x=\"wait=3, no\", WAIT=100");
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Headers.GetValues("Preference-Applied").ShouldBe(["wait=30"]);
        body.Text("state").ShouldBe("succeeded");
        body.GetProperty("result").Text("text").ShouldBe("it");
        body.GetProperty("result").GetProperty("number").GetInt32().ShouldBe(42);
    }

    [Fact]
    public async Task A_client_that_waits_too_short_is_told_where_to_ask()
    {
        var script = new Script();
        script.Course = script.WaitThenEndAsync;
        await using var app = await WorkApp.StartAsync(script);
        var (response, body) = await app.PostAsync("/start/it", "wait=1");
        response.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        response.Headers.GetValues("Preference-Applied").ShouldBe(["wait=1"]);
        script.GoOn.Open();
        (await app.GetAsync(body.GetProperty("links").Text("status"))).Response.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_job_that_fails_within_the_wait_is_a_problem_inside_an_answer()
    {
        var script = new Script { Course = static (_, _, _) => Task
            .FromResult<JobVerdict<Done>>(JobVerdict.Fail("the card was declined")) };
        await using var app = await WorkApp.StartAsync(script);
        var (response, body) = await app.PostAsync("/start/it", "wait=20");
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        body.Text("state").ShouldBe("failed");
        body.GetProperty("problem").Text("title").ShouldBe("The job failed.");
        body.GetProperty("problem").Text("detail").ShouldBe("the card was declined");
    }

    [Fact]
    public async Task A_handlers_exception_stays_inside_unless_asked_for()
    {
        var script = new Script { Course = static (_, _, _) => throw new InvalidOperationException("password is hunter2") };
        await using var app = await WorkApp.StartAsync(script, static app =>
        {
            app.MapJobs("/jobs");
            app.MapJobs("/admin/jobs", static o => (o.Name, o.ShowErrors) = ("admin", true));
            WorkApp.MapEnqueue(app);
        });
        var (_, body) = await app.PostAsync("/start/it", "wait=20");
        body.ToString().ShouldNotContain("hunter2");
        (await app.GetAsync($"/admin/jobs/{body.Text("id")}")).Body.GetProperty("problem").Text("error").ShouldContain("hunter2");
    }

    [Fact]
    public async Task What_was_there_before_is_told_as_a_duplicate()
    {
        var script = new Script();
        script.Course = script.WaitThenEndAsync;
        await using var app = await WorkApp.StartAsync(script, static app =>
        {
            app.MapJobs("/jobs");
            app.MapPost("/once", static async (IJobClient jobs) => JobResults
                .Accepted(await jobs.EnqueueAsync(new Work("it"), new EnqueueOptions { UniqueKey = "it" })));
            app.MapPost("/flow/{id}", static async (Guid id, IJobClient jobs) =>
                JobResults.Accepted(await jobs
                    .EnqueueAsync(Chain.Of(new Work("it")).Then(new Chore()),
                    new WorkflowOptions { Id = WorkflowId.OfStep(new JobId(id)) })));
        });
        foreach (var path in new[] { "/once", $"/flow/{Guid.CreateVersion7()}" })
        {
            (await app.PostAsync(path)).Body.TryGetProperty("duplicate", out _).ShouldBeFalse(path);
            (await app.PostAsync(path)).Body.GetProperty("duplicate").GetBoolean().ShouldBeTrue(path);
        }

        script.GoOn.Open();
    }

    [Fact]
    public async Task A_client_that_waits_is_told_the_end_of_what_is_not_kept()
    {
        var script = new Script { Course = static (_, _, _) => Task
            .FromResult<JobVerdict<Done>>(JobVerdict.Fail("the card was declined")) };
        await using var app = await TestApp.StartAsync(
            static app =>
            {
                app.MapJobs("/jobs");
                WorkApp.MapEnqueue(app);
            },
            static s => s.AddQueue("default", static q => (q.KeepSucceeded, q.KeepFailed) = (TimeSpan.Zero, TimeSpan.Zero))
                .AddJob<Work, WorkHandler>().AddJob(static (Chore _, CancellationToken _) => Task.CompletedTask),
            builder => builder.Services.AddSingleton(script));
        for (var i = 0; i < 20; i++)
        {
            var (response, body) = await app.PostAsync("/chore", "wait=20");
            (response.StatusCode, body.Text("state")).ShouldBe((HttpStatusCode.OK, "succeeded"));
            foreach (var link in new[] { "status", "result", "events", "cancel" })
            {
                await app.SendAsync(link == "cancel" ? HttpMethod.Post : HttpMethod.Get, body.GetProperty("links").Text(link))
                    .ShouldBeProblemAsync(HttpStatusCode.NotFound, "its record is not kept");
            }

            (response, body) = await app.PostAsync("/start/it", "wait=20");
            (response.StatusCode, body.Text("state")).ShouldBe((HttpStatusCode.OK, "failed"));
            body.GetProperty("problem").Text("detail").ShouldBe("the card was declined");
        }
    }

    [Fact]
    public async Task Without_MapJobs_the_answer_is_an_error_that_says_so()
    {
        await using var app = await WorkApp.StartAsync(new Script(), static app => WorkApp.MapEnqueue(app));
        var (response, _) = await app.PostAsync("/start/it");
        response.StatusCode.ShouldBe(HttpStatusCode.InternalServerError);
        app.Log.Lines.ShouldContain(static l => l.Exception is InvalidOperationException && l.Exception.Message
            .Contains("app.MapJobs(\"/jobs\")"));
    }

    [Fact]
    public async Task Two_mappings_need_a_name()
    {
        await using var app = await WorkApp.StartAsync(new Script(), static app =>
        {
            app.MapJobs("/jobs");
            Should.Throw<InvalidOperationException>(() => app.MapJobs("/other")).Message.ShouldContain("both have no name");
            app.MapJobs("/named/jobs", static o => o.Name = "other");
            Should.Throw<InvalidOperationException>(() => app.MapJobs("/third", static o => o.Name = "Other")).Message
                .ShouldContain("same name");
            WorkApp.MapEnqueue(app, "other");
        });
        (await app.PostAsync("/chore")).Response.Headers.Location!.OriginalString.ShouldStartWith("/jobs/");
        (await app.PostAsync("/named")).Response.Headers.Location!.OriginalString.ShouldStartWith("/named/jobs/");
    }

    [Fact]
    public void MapJobs_without_AddSimmer_says_what_is_missing()
    {
        var app = WebApplication.CreateSlimBuilder().Build();
        Should.Throw<InvalidOperationException>(() => app.MapJobs("/jobs")).Message.ShouldContain("AddSimmer()");
    }

    [Theory]
    [InlineData("wait=10", 10)]
    [InlineData("Wait = 10", 10)]
    [InlineData("wait=\"10\"", 10)]
    [InlineData("respond-async, wait=5;foo=7", 5)]
    [InlineData("foo; wait=5", 0)]
    [InlineData("foo=\"a, wait=9\", wait=4", 4)]
    [InlineData("foo=\"a\\\", wait=9\", wait=4", 4)]
    [InlineData("wait=3, wait=8", 3)]
    [InlineData("wait=31", 30)]
    [InlineData("wait=99999999999999999999", 30)]
    [InlineData("wait=-1", 0)]
    [InlineData("wait=ten", 0)]
    [InlineData("wait", 0)]
    [InlineData("wait=", 0)]
    [InlineData("", 0)]
    [InlineData(null, 0)]
    public void Prefer_is_read_as_RFC_7240_writes_it(string? header, int seconds) =>
        AspNetCore.Jobs.PreferWait.Seconds(header).ShouldBe(seconds);
}
