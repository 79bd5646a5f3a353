namespace Simmer.AspNetCore.Tests.Tasks;

/// <summary>503 with Retry-After and problem details, whatever stands between the endpoint and the client.</summary>
public sealed class FullQueueTests
{
    [Theory]
    [MemberData(nameof(Unavailable.Ways), MemberType = typeof(Unavailable))]
    public async Task A_full_queue_is_answered_503(string way)
    {
        var goOn = new Gate();
        await using var app = await StartFullAsync(goOn, way);

        _ = await app.Is503Async(HttpMethod.Get, "/add");

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

    // One task runs and one waits, and then the queue is full.
    private static async Task<TestApp> StartFullAsync(Gate goOn, string way)
    {
        var started = new Gate();
        var app = await TestApp.StartAsync(
            app =>
            {
                Unavailable.Use(app, way);
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
            builder => Unavailable.Use(builder, way));
        using var client = await app.ConnectAsync();
        (await client.GetAsync("/add")).Status.ShouldBe(200);
        await started.Soon();
        (await client.GetAsync("/add")).Status.ShouldBe(200);
        return app;
    }
}
