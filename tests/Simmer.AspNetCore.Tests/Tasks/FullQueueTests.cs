using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics;

namespace Simmer.AspNetCore.Tests.Tasks;

/// <summary>503 with Retry-After and problem details, whatever stands between the endpoint and the client.</summary>
public sealed class FullQueueTests
{
    [Theory]
    [InlineData("plain")]
    [InlineData("handler")]
    [InlineData("custom handler")]
    [InlineData("problem details")]
    [InlineData("developer page")]
    public async Task A_full_queue_is_answered_503(string way)
    {
        var goOn = new Gate();
        await using var app = await StartFullAsync(goOn, way);
        using var client = await app.ConnectAsync();

        var refused = await client.GetAsync("/add");

        refused.Status.ShouldBe(503);
        refused.Headers["Retry-After"].ShouldBe("5");
        refused.Headers["Content-Type"].ShouldStartWith("application/problem+json");
        JsonDocument.Parse(refused.Body).RootElement.GetProperty("status").GetInt32().ShouldBe(503);
        (await app.Log.SoonAsync(2000)).Text.ShouldContain("queue after-response is full");
        goOn.Open();
    }

    [Fact]
    public async Task A_response_that_had_started_is_aborted()
    {
        var goOn = new Gate();
        await using var app = await StartFullAsync(goOn, "plain");
        using var client = await app.ConnectAsync();
        await client.SendAsync("/add-late");
        // The reset may overtake what was sent before it.
        await Should.ThrowAsync<IOException>(client.ReadAsync);
        await app.Log.SoonAsync(2001);
        goOn.Open();
    }

    [Fact]
    public async Task There_is_room_again_when_tasks_have_run()
    {
        var goOn = new Gate();
        await using var app = await StartFullAsync(goOn, "plain");
        using var client = await app.ConnectAsync();
        (await client.GetAsync("/add")).Status.ShouldBe(503);
        goOn.Open();
        var tries = 0;
        while ((await client.GetAsync("/add")).Status == 503)
        {
            (++tries).ShouldBeLessThan(10_000);
        }
    }

    // One task runs, one waits: that is all the room there is.
    private static async Task<TestApp> StartFullAsync(Gate goOn, string way)
    {
        var started = new Gate();
        var app = await TestApp.StartAsync(
            app =>
            {
                Use(app, way);
                app.MapGet("/add", (BackgroundTasks tasks) => tasks.Add(async () =>
                {
                    started.Open();
                    await goOn.Opened();
                }));
                app.MapGet("/add-late", async (HttpContext context, BackgroundTasks tasks) =>
                {
                    await context.Response.WriteAsync("some");
                    await context.Response.Body.FlushAsync();
                    tasks.Add(static () => { });
                });
            },
            static s => s.AddQueue("after-response", static q => (q.Capacity, q.Concurrency) = (1, 1)),
            builder =>
            {
                if (way == "custom handler")
                {
                    builder.Services.AddExceptionHandler<EverythingIs500>();
                }

                if (way is "problem details" or "custom handler")
                {
                    builder.Services.AddProblemDetails();
                }
            });
        using var client = await app.ConnectAsync();
        (await client.GetAsync("/add")).Status.ShouldBe(200);
        await started.Soon();
        (await client.GetAsync("/add")).Status.ShouldBe(200);
        return app;
    }

    private static void Use(WebApplication app, string way)
    {
        switch (way)
        {
            case "handler":
                app.UseExceptionHandler(static handler => handler.Run(static context => context.Response.WriteAsync("oops")));
                break;
            case "custom handler" or "problem details":
                app.UseExceptionHandler();
                break;
            case "developer page":
                app.UseDeveloperExceptionPage();
                break;
        }
    }

    private sealed class EverythingIs500 : IExceptionHandler
    {
        public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
        {
            httpContext.Response.StatusCode = 500;
            await httpContext.Response.WriteAsync("the user's own", cancellationToken);
            return true;
        }
    }
}
