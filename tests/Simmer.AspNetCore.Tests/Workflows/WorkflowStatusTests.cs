using System.Net;
using System.Text.Json;
using Simmer.AspNetCore.Tests.Jobs;

namespace Simmer.AspNetCore.Tests.Workflows;

/// <summary>A workflow's status and its graph.</summary>
public sealed class WorkflowStatusTests
{
    [Fact]
    public async Task Status_shows_how_far_each_step_is()
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
        var handle = await app.Services.GetRequiredService<IJobClient>().EnqueueAsync(
            Chain.Of("pay", new Work("pay"))
                .Then("mail", new Chore()), new WorkflowOptions { Name = "order 4711" }, TestContext.Current.CancellationToken);
        await reported.Soon();
        await foreach (var seen in app.Services.GetRequiredService<IJobClient>()
            .WatchAsync(handle.Id, cancellationToken: TestContext.Current.CancellationToken))
        {
            if (seen.Progress > 0)
            {
                break;
            }
        }

        var (response, body) = await app.GetAsync($"/jobs/workflows/{handle.Id}");
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Headers.CacheControl!.NoStore.ShouldBeTrue();
        body.Text("id").ShouldBe(handle.Id.ToString());
        body.Text("name").ShouldBe("order 4711");
        body.Text("state").ShouldBe("running");
        body.Counts().ShouldBe("waiting:1 running:1");
        body.GetProperty("progress").GetDouble().ShouldBe(0.25);
        body.GetProperty("version").GetInt64().ShouldBeGreaterThan(0);
        body.Has("finishedAt").ShouldBeFalse();
        body.Has("cancelRequested").ShouldBeFalse();
        var at = $"/jobs/workflows/{handle.Id}";
        body.GetProperty("links").ToString().ShouldBe($$"""{"status":"{{at}}","events":"{{at}}/events","cancel":"{{at}}/cancel"}""");
        body.Edges().ShouldBe(["1-2"]);

        var pay = body.Step("pay");
        pay.GetProperty("number").GetInt32().ShouldBe(1);
        pay.Text("job").ShouldBe(handle.Id.Step(1).ToString());
        pay.Text("kind").ShouldBe("work");
        pay.Text("state").ShouldBe("running");
        pay.GetProperty("progress").GetProperty("fraction").GetDouble().ShouldBe(0.5);
        pay.GetProperty("progress").Text("text").ShouldBe("half way");
        pay.GetProperty("attempt").GetInt32().ShouldBe(1);
        pay.GetProperty("maxAttempts").GetInt32().ShouldBe(1);
        pay.Has("elapsed").ShouldBeFalse();
        pay.Has("rule").ShouldBeFalse();
        pay.Has("role").ShouldBeFalse();
        (await app.GetAsync(pay.GetProperty("links").Text("status"))).Body.Text("id").ShouldBe(pay.Text("job"));

        script.GoOn.Open();
        await handle.WaitAsync(TestContext.Current.CancellationToken);
        body = (await app.GetAsync($"/jobs/workflows/{handle.Id}")).Body;
        body.Text("state").ShouldBe("succeeded");
        body.Counts().ShouldBe("succeeded:2");
        body.GetProperty("progress").GetDouble().ShouldBe(1);
        pay = body.Step("pay");
        pay.GetProperty("elapsed").GetDouble()
            .ShouldBe((pay.GetProperty("finishedAt").GetDateTimeOffset() - pay.GetProperty("startedAt")
            .GetDateTimeOffset()).TotalSeconds, 1e-6);
        body.GetProperty("finishedAt").GetDateTimeOffset().ShouldBeGreaterThanOrEqualTo(body.GetProperty("createdAt").GetDateTimeOffset());
    }

    [Fact]
    public async Task Groups_in_a_row_are_drawn_from_step_to_step()
    {
        var view = await EndedAsync(new Script(), Chain
            .Of("order", new Work("order"))
            .Then(Group.Of(new Chore(), new Chore(), new Chore()))
            .Then(Group.Of(new Chore(), new Chore(), new Chore()))
            .Then("mail", new Chore()));
        view.Edges().ShouldBe(["1-2", "1-3", "1-4", "2-5", "2-6", "2-7", "3-5", "3-6", "3-7", "4-5", "4-6", "4-7", "5-8", "6-8", "7-8"]);
    }

    [Fact]
    public async Task A_choice_shows_its_branches_and_which_was_taken()
    {
        var script = new Script { Course = static (job, _, _) => Task.FromResult(JobVerdict.Branch("left", new Done(job.Name, 1))) };
        var flow = new Workflow();
        var choose = flow.Add("choose", new Work("choose"));
        var left = flow.Add("left", new Chore()).When(choose, "left");
        var right = flow.Add("right", new Chore()).When(choose, "right", "wrong");
        flow.Add("after", new Chore()).After(left, right).On(StepRule.NoneFailed);

        var view = await EndedAsync(script, flow);
        view.Edges().ShouldBe(["1-2:left", "1-3:right,wrong", "2-4", "3-4"]);
        view.Steps().ShouldBe(["choose succeeded", "left succeeded", "right skipped", "after succeeded"]);
        view.Step("choose").Text("branch").ShouldBe("left");
        view.Step("after").Text("rule").ShouldBe("noneFailed");
        view.Step("right").Has("problem").ShouldBeFalse();
        view.Text("state").ShouldBe("succeeded");
    }

    [Fact]
    public async Task Steps_added_at_run_time_lead_to_those_that_wait_for_their_adder()
    {
        var script = new Script
        {
            Course = static (job, context, _) =>
            {
                if (job.Name == "list")
                {
                    var first = context.AddStep("again", new Work("again"));
                    context.AddStep("second", new Chore()).After(first);
                }
                else if (job.Name == "again")
                {
                    context.AddStep("third", new Chore());
                }

                return Task.FromResult(JobVerdict.Branch("left", new Done(job.Name, 1)));
            },
        };
        var flow = new Workflow();
        var list = flow.Add("list", new Work("list"), undo: new Chore());
        flow.Add("join", new Chore()).When(list, "left");
        flow.Add("never", new Chore()).When(list, "right");

        var view = await EndedAsync(script, flow);
        view.Steps()
            .ShouldBe(["list succeeded", "join succeeded", "never skipped", "list/undo skipped", "list/again succeeded",
            "list/second succeeded", "list/again/third succeeded"]);
        view.Edges().ShouldBe(["1-2:left", "1-3:right", "1-4", "1-5", "5-6", "5-7", "5-2", "6-2", "7-6", "7-2"]);
    }

    [Fact]
    public async Task What_undoes_comes_after_what_it_undoes_and_the_last_steps_after_nothing()
    {
        var script = new Script
        {
            Course = static (job, _, _) =>
                Task.FromResult<JobVerdict<Done>>(job.Name == "stock" ? JobVerdict.Fail("sold out") : new Done(job.Name, 1)),
        };
        var view = await EndedAsync(script, Chain
            .Of("pay", new Work("pay"), undo: new Chore())
            .Then("stock", new Work("stock"), undo: new Chore())
            .Then("mail", new Chore())
            .OnFailure(new Chore())
            .Finally(new Chore()));

        view.Text("state").ShouldBe("failed");
        view.Counts().ShouldBe("succeeded:4 failed:1 skipped:2");
        view.Steps().ShouldBe(
            ["pay succeeded", "stock failed", "mail skipped", "stock/undo skipped", "pay/undo succeeded", "on-failure succeeded",
                "finally succeeded"]);
        view.Edges().ShouldBe(["1-2", "1-5", "2-3", "2-4"]);
        view.Step("pay/undo").Text("role").ShouldBe("undo");
        view.Step("on-failure").Text("role").ShouldBe("onFailure");
        view.Step("finally").Text("role").ShouldBe("finally");
        view.Step("finally").Has("rule").ShouldBeFalse();
        view.Step("stock").Text("reason").ShouldBe("sold out");
        view.Step("stock").GetProperty("problem").Text("detail").ShouldBe("sold out");
    }

    [Fact]
    public async Task A_handlers_exception_stays_inside_unless_asked_for()
    {
        var script = new Script { Course = static (_, _, _) => throw new InvalidOperationException("password is hunter2") };
        await using var app = await WorkApp.StartAsync(script, static app =>
        {
            app.MapJobs("/jobs");
            app.MapJobs("/admin/jobs", static o => (o.Name, o.ShowErrors) = ("admin", true));
        });
        var handle = await app.EnqueueAsync(Chain.Of(new Work("it")));
        await Should.ThrowAsync<WorkflowFailedException>(() => handle.WaitAsync(TestContext.Current.CancellationToken));
        (await app.GetAsync($"/jobs/workflows/{handle.Id}")).Body.ToString().ShouldNotContain("hunter2");
        (await app.GetAsync($"/admin/jobs/workflows/{handle.Id}")).Body.Step("work").GetProperty("problem").Text("error")
            .ShouldContain("hunter2");
    }

    [Fact]
    public async Task A_steps_job_says_which_step_of_which_workflow_it_is()
    {
        await using var app = await WorkApp.StartAsync(new Script());
        var handle = await app.EnqueueAsync(Chain.Of("only", new Chore()));
        await handle.WaitAsync(TestContext.Current.CancellationToken);
        var job = (await app.GetAsync($"/jobs/{handle.Id.Step(1)}")).Body;
        job.Text("workflow").ShouldBe(handle.Id.ToString());
        job.Text("step").ShouldBe("only");
        (await app.GetAsync(job.GetProperty("links").Text("workflow"))).Body.Text("id").ShouldBe(handle.Id.ToString());

        var alone = await app.EnqueueAsync();
        job = (await app.GetAsync($"/jobs/{alone.Id}")).Body;
        job.Has("workflow").ShouldBeFalse();
        job.GetProperty("links").Has("workflow").ShouldBeFalse();
    }

    [Fact]
    public async Task Steps_are_left_out_on_request_and_when_there_are_too_many()
    {
        await using var app = await WorkApp.StartAsync(new Script());
        var small = await app.EnqueueAsync(Chain.Of(Group.Of(Chores(1000))));
        var large = await app.EnqueueAsync(Chain.Of(Group.Of(Chores(1001))));
        await small.WaitAsync(TestContext.Current.CancellationToken);
        await large.WaitAsync(TestContext.Current.CancellationToken);

        (await app.GetAsync($"/jobs/workflows/{small.Id}")).Body.GetProperty("steps").GetArrayLength().ShouldBe(1000);
        ShouldHaveNoSteps((await app.GetAsync($"/jobs/workflows/{small.Id}?steps=false")).Body, omitted: false, 1000);
        ShouldHaveNoSteps((await app.GetAsync($"/jobs/workflows/{large.Id}")).Body, omitted: true, 1001);
        using var stream = await EventReader.OpenAsync(app, $"/jobs/workflows/{large.Id}/events");
        ShouldHaveNoSteps((await stream.LastAsync()).Data, omitted: true, 1001);

        static void ShouldHaveNoSteps(JsonElement view, bool omitted, int count)
        {
            view.Has("stepsOmitted").ShouldBe(omitted);
            view.Has("steps").ShouldBeFalse();
            view.Has("edges").ShouldBeFalse();
            view.Counts().ShouldBe($"succeeded:{count}");
            view.GetProperty("progress").GetDouble().ShouldBe(1);
        }
    }

    [Fact]
    public async Task Edges_are_left_out_when_there_are_too_many()
    {
        var view = await EndedAsync(new Script(), Chain.Of(Group.Of(Chores(100))).Then(Group.Of(Chores(51))));
        view.GetProperty("edgesOmitted").GetBoolean().ShouldBeTrue();
        view.Has("edges").ShouldBeFalse();
        view.GetProperty("steps").GetArrayLength().ShouldBe(151);

        (await EndedAsync(new Script(), Chain.Of(Group.Of(Chores(100))).Then(Group.Of(Chores(50))))).GetProperty("edges").GetArrayLength()
            .ShouldBe(5000);
    }

    private static IEnumerable<IJob> Chores(int count) => Enumerable.Range(0, count).Select(static _ => new Chore());

    private static async Task<JsonElement> EndedAsync(Script script, WorkflowElement workflow)
    {
        await using var app = await WorkApp.StartAsync(script);
        var handle = await app.EnqueueAsync(workflow);
        await app.Services.GetRequiredService<IJobClient>().WaitAsync(handle.Id, TestContext.Current.CancellationToken).Soon();
        return (await app.GetAsync($"/jobs/workflows/{handle.Id}")).Body;
    }
}
