using System.Net;
using Microsoft.Extensions.Logging;

namespace Simmer.AspNetCore.Tests.Jobs;

/// <summary>Mistakes in a web application that would otherwise go unnoticed.</summary>
public sealed class WebMistakesTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_endpoint_whose_tasks_are_dropped_is_told_of_once()
    {
        await using var app = await TestApp.StartAsync(static app =>
        {
            app.MapGet("/orders/{id}", static (int id, BackgroundTasks tasks) =>
            {
                tasks.Add(static () => { });
                return Results.NotFound();
            });
            app.MapGet("/throws", static void (BackgroundTasks tasks) =>
            {
                tasks.Add(static () => { });
                throw new InvalidOperationException("no");
            });
        });

        foreach (var path in new[] { "/orders/1", "/orders/2", "/throws", "/orders/3" })
        {
            (await app.Http.GetAsync(path, Cancelled)).IsSuccessStatusCode.ShouldBeFalse();
            await app.Log.SoonAsync(1105);
        }

        var told = app.Log.Lines.Where(static l => l.EventId == 1106).ToList();
        told.Count.ShouldBe(2);
        told[0].ShouldSatisfyAllConditions(
            static l => l.Level.ShouldBe(LogLevel.Warning),
            static l => l.Text.ShouldContain("HTTP: GET /orders/{id}"),
            static l => l.Text.ShouldContain("GET /orders/1 was answered 404"),
            static l => l.Text.ShouldContain("RunWhen.Always"));
        told[1].Text.ShouldContain("GET /throws threw");
    }

    [Fact]
    public async Task A_task_whose_service_is_missing_fails_its_request_before_the_answer()
    {
        await using var app = await TestApp.StartAsync(static app => app.MapGet("/", static (BackgroundTasks tasks) =>
        {
            tasks.Add(static (Unregistered _) => Task.CompletedTask);
            return "done";
        }));

        (await app.Http.GetAsync("/", Cancelled)).StatusCode.ShouldBe(HttpStatusCode.InternalServerError);
    }

    [Fact]
    public async Task An_application_in_Development_that_answers_with_places_it_has_not_mapped_does_not_start()
    {
        var error = await Should.ThrowAsync<InvalidOperationException>(() => StartWithoutPlacesAsync("Development"));

        error.Message.ShouldContain("HTTP: POST /work");
        error.Message.ShouldContain("app.MapJobs(\"/jobs\")");
    }

    [Fact]
    public async Task Elsewhere_it_is_warned_of()
    {
        await using var app = await StartWithoutPlacesAsync("Production");

        (await app.Log.SoonAsync(1040)).Text.ShouldContain("HTTP: POST /work");
    }

    [Theory]
    [InlineData("a request delegate", "HTTP: POST /work")]
    [InlineData("a result of any sort", "HTTP: POST /work")]
    [InlineData("a method", "HTTP: POST /work")]
    [InlineData("another method of the class", "HTTP: POST /work")]
    [InlineData("a workflow", "HTTP: POST /work")]
    [InlineData("a controller", "PlacesController.Work")]
    [InlineData("a delegate inside", "HTTP: POST /work")]
    public async Task In_Development_it_is_found_in_the_code_where_the_type_of_an_endpoint_does_not_tell(string what, string named)
    {
        var error = await Should.ThrowAsync<InvalidOperationException>(() => StartAsync(app => MapUntold(app, what), "Development"));

        error.Message.ShouldContain(named);
        error.Message.ShouldContain("app.MapJobs(\"/jobs\")");
    }

    [Fact]
    public async Task Endpoints_that_make_no_such_answer_or_have_a_place_start_in_Development()
    {
        await using (var app = await StartAsync(
            static app =>
            {
                app.MapPost("/plain", static async (IJobClient jobs, HttpContext context) =>
                {
                    var handle = await jobs.EnqueueAsync(new Chore());
                    return context.Request.Query.Count switch { 0 => Results.Accepted($"/{handle.Id}"), 1 => Results.Ok(),
                        2 => Results.NoContent(), 3 => Results.NotFound(), _ => Results.Conflict() };
                });
                app.MapGet("/", (RequestDelegate)(static context => context.Response.WriteAsync("none")));
                app.MapGet("/generic", GenericAsync<int>);
            },
            "Development"))
        {
            (await app.Http.PostAsync("/plain", null, Cancelled)).StatusCode.ShouldBe(HttpStatusCode.Accepted);
            (await app.Http.GetStringAsync("/generic", Cancelled)).ShouldBe("0");
        }

        await using var mapped = await StartAsync(
            static app =>
            {
                MapUntold(app, "a result of any sort");
                app.MapJobs("/jobs");
            },
            "Development");
        (await mapped.Http.PostAsync("/work", null, Cancelled)).StatusCode.ShouldBe(HttpStatusCode.Accepted);
    }

    private static void MapUntold(WebApplication app, string what)
    {
        switch (what)
        {
            case "a request delegate":
                app.MapPost("/work", static async context =>
                {
                    var handle = await context.RequestServices.GetRequiredService<IJobClient>().EnqueueAsync(new Chore());
                    await JobResults.Accepted(handle).ExecuteAsync(context);
                });
                break;
            case "a result of any sort":
                app.MapPost("/work", static async Task<IResult> (IJobClient jobs) => JobResults
                    .Accepted(await jobs.EnqueueAsync(new Chore())));
                break;
            case "a method":
                app.MapPost("/work", WorkAsync);
                break;
            case "another method of the class":
                app.MapPost("/work", static async (IJobClient jobs) => await WorkAsync(jobs));
                break;
            case "a workflow":
                app.MapPost("/work", static async (IJobClient jobs, bool? no) => no == true
                    ? Results.NotFound()
                    : JobResults.Accepted(await jobs.EnqueueAsync(Chain.Of(new Chore()))));
                break;
            case "a delegate inside":
                app.MapPost("/work", static async Task<IResult> (IJobClient jobs) =>
                {
                    Func<JobHandle, IResult> answer = static handle => JobResults.Accepted(handle);
                    return answer(await jobs.EnqueueAsync(new Chore()));
                });
                break;
            default:
                app.MapControllers();
                break;
        }
    }

    private static async Task<IResult> WorkAsync(IJobClient jobs) => JobResults.Accepted(await jobs.EnqueueAsync(new Chore()));

    private static Task<T?> GenericAsync<T>() => Task.FromResult(default(T));

    private static Task<TestApp> StartWithoutPlacesAsync(string environment) => StartAsync(
        static app => app.MapPost("/work",
            static async Task<AcceptedJob> (IJobClient jobs) => JobResults.Accepted(await jobs.EnqueueAsync(new Chore()))), environment);

    private static Task<TestApp> StartAsync(Action<WebApplication> map, string environment) => TestApp.StartAsync(
        map, static s => s.AddJob(static (Chore _, CancellationToken _) => Task.CompletedTask), static b =>
            b.Services.AddControllers().AddApplicationPart(typeof(WebMistakesTests).Assembly), environment);

    private sealed class Unregistered;
}
