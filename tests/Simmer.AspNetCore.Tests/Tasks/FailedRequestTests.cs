using System.Text;

namespace Simmer.AspNetCore.Tests.Tasks;

/// <summary>Which requests run their tasks.</summary>
public sealed class FailedRequestTests
{
    [Theory]
    [InlineData("/400")]
    [InlineData("/404")]
    [InlineData("/500")]
    [InlineData("/throw")]
    [InlineData("/throw-later")]
    public async Task A_failed_request_runs_nothing(string path)
    {
        var ran = new Gate();
        await using var app = await StartAsync(ran);
        using var client = await app.ConnectAsync();
        (await client.GetAsync(path)).Status.ShouldBeGreaterThanOrEqualTo(400);
        var dropped = (await app.Log.SoonAsync(1105)).Text;
        dropped.ShouldContain($"After-response work does not run because GET {path} failed");
        dropped.ShouldContain("Tasks dropped: 1 (");
        await RunAnotherAsync(app);
        ran.IsOpen.ShouldBeFalse();
    }

    [Fact]
    public async Task A_throw_after_the_response_has_started_runs_nothing()
    {
        var ran = new Gate();
        await using var app = await StartAsync(ran);
        using var client = await app.ConnectAsync();
        await client.SendAsync("/throw-started");
        (await client.ReadHeadAsync()).Status.ShouldBe(200);
        await app.Log.SoonAsync(1105);
        await RunAnotherAsync(app);
        ran.IsOpen.ShouldBeFalse();
    }

    [Theory]
    [InlineData("/400", 400)]
    [InlineData("/throw", 500)]
    public async Task RunWhen_Always_runs_them_all_the_same(string path, int status)
    {
        var ran = new Gate();
        await using var app = await StartAsync(ran, RunWhen.Always);
        using var client = await app.ConnectAsync();
        (await client.GetAsync(path)).Status.ShouldBe(status);
        await ran.Soon();
    }

    [Theory]
    [InlineData(200, true)]
    [InlineData(422, false)]
    public async Task A_handled_exception_counts_by_the_status_of_its_answer(int status, bool runs)
    {
        var ran = new Gate();
        await using var app = await TestApp.StartAsync(app =>
        {
            app.UseExceptionHandler(handler => handler.Run(context =>
            {
                context.Response.StatusCode = status;
                return context.Response.WriteAsync("handled");
            }));
            MapAll(app, ran, RunWhen.Success);
        });
        using var client = await app.ConnectAsync();
        (await client.GetAsync("/throw-later")).Status.ShouldBe(status);
        await (runs ? ran.Soon() : app.Log.SoonAsync(1105));
        ran.IsOpen.ShouldBe(runs);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task A_client_that_leaves_does_not_lose_its_tasks(bool throws, bool withExceptionHandler)
    {
        Gate added = new(), left = new(), ran = new();
        await using var app = await TestApp.StartAsync(app =>
        {
            if (withExceptionHandler)
            {
                app.UseExceptionHandler(static handler => handler.Run(static _ => Task.CompletedTask));
            }

            app.MapGet("/", async (HttpContext context, BackgroundTasks tasks) =>
            {
                tasks.Add(ran.Open);
                using var registration = context.RequestAborted.Register(left.Open);
                added.Open();
                await left.Opened();
                if (throws)
                {
                    context.RequestAborted.ThrowIfCancellationRequested();
                }
            });
        });
        using (var client = await app.ConnectAsync())
        {
            await client.SendAsync("/");
            await added.Soon();
        }

        await ran.Soon();
    }

    [Fact]
    public async Task A_place_in_the_queue_is_given_back_by_a_request_that_fails()
    {
        var ran = new Gate();
        await using var app = await TestApp
            .StartAsync(app => MapAll(app, ran, RunWhen.Success), static s => s.AddQueue("after-response", static q => q.Capacity = 1));
        using var client = await app.ConnectAsync();
        for (var i = 0; i < 5; i++)
        {
            (await client.GetAsync("/400")).Status.ShouldBe(400);
        }

        (await client.GetAsync("/another")).Status.ShouldBe(200);
    }

    private static Task<TestApp> StartAsync(Gate ran, RunWhen when = RunWhen.Success) => TestApp.StartAsync(app => MapAll(app, ran, when));

    private static void MapAll(WebApplication app, Gate ran, RunWhen when)
    {
        app.Use((context, next) =>
        {
            if (context.Request.Path != "/another")
            {
                var tasks = context.RequestServices.GetRequiredService<BackgroundTasks>();
                tasks.RunWhen = when;
                tasks.Add(ran.Open);
            }

            return next(context);
        });
        app.MapGet("/400", static () => Results.BadRequest());
        app.MapGet("/500", static () => Results.StatusCode(500));
        app.MapGet("/throw", static string () => throw new InvalidOperationException("thrown at once"));
        app.MapGet("/throw-later", static async Task<string> () =>
        {
            await Task.Yield();
            throw new InvalidOperationException("thrown later");
        });
        app.MapGet("/throw-started", static async (HttpContext context) =>
        {
            await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes("some"));
            await context.Response.Body.FlushAsync();
            throw new InvalidOperationException("thrown after the start");
        });
        app.MapGet("/another", static (BackgroundTasks tasks) => tasks.Add(static () => { }));
    }

    // Runs the task of a later request to its end. Tasks of the earlier request, if they had not been dropped, would have run before it.
    private static async Task RunAnotherAsync(TestApp app)
    {
        var another = new Gate();
        await using (var scope = app.Services.CreateAsyncScope())
        {
            scope.ServiceProvider.GetRequiredService<BackgroundTasks>().Add(another.Open);
        }

        await another.Soon();
    }
}
