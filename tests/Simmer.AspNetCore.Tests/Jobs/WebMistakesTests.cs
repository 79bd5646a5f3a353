using System.Net;
using Microsoft.Extensions.Logging;

namespace Simmer.AspNetCore.Tests.Jobs;

/// <summary>Mistakes in a web application that would pass in silence.</summary>
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

    private static Task<TestApp> StartWithoutPlacesAsync(string environment) => TestApp.StartAsync(
        static app => app.MapPost("/work", static async Task<AcceptedJob> (IJobClient jobs) => JobResults.Accepted(await jobs.EnqueueAsync(new Chore()))),
        static s => s.AddJob(static (Chore _, CancellationToken _) => Task.CompletedTask),
        b => b.Services.AddSingleton<IHostEnvironment>(new Microsoft.Extensions.Hosting.Internal.HostingEnvironment { EnvironmentName = environment }));

    private sealed class Unregistered;
}
