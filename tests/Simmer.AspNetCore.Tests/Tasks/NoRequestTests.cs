namespace Simmer.AspNetCore.Tests.Tasks;

/// <summary>Scopes without a request, tasks that come too late, typed jobs, and the queue that starts at once.</summary>
public sealed class NoRequestTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_scope_without_a_request_starts_its_tasks_when_it_is_disposed(bool asynchronously)
    {
        var ran = new Gate();
        await using var app = await TestApp.StartAsync(static _ => { });
        var scope = app.Services.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<BackgroundTasks>().Add(ran.Open);
        await RoundTripAsync(app);
        ran.IsOpen.ShouldBeFalse();
        if (asynchronously)
        {
            await scope.DisposeAsync();
        }
        else
        {
            scope.Dispose();
        }

        await ran.Soon();
    }

    [Fact]
    public async Task A_scope_made_inside_a_request_is_not_the_requests()
    {
        Gate ran = new(), goOn = new();
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", async (IServiceScopeFactory scopes) =>
        {
            using (var inner = scopes.CreateScope())
            {
                inner.ServiceProvider.GetRequiredService<BackgroundTasks>().Add(ran.Open);
            }

            await goOn.Opened();
        }));
        using var client = await app.ConnectAsync();
        await client.SendAsync("/");
        await ran.Soon();
        goOn.Open();
        (await client.ReadAsync()).Status.ShouldBe(200);
    }

    [Fact]
    public async Task A_late_task_is_refused_with_the_reason()
    {
        BackgroundTasks? kept = null, unused = null;
        var ran = new Gate();
        await using var app = await TestApp.StartAsync(app =>
        {
            app.MapGet("/", (BackgroundTasks tasks) => (kept = tasks).Add(ran.Open));
            app.MapGet("/unused", (BackgroundTasks tasks) => { unused = tasks; });
        });
        using var client = await app.ConnectAsync();
        await client.GetAsync("/");
        await ran.Soon();
        await client.GetAsync("/unused");
        // When the next answer on the connection comes, the scope of the request before has been disposed of.
        await client.GetAsync("/");
        Should.Throw<InvalidOperationException>(() => kept!.Add(static () => { })).Message.ShouldContain("handed over");
        Should.Throw<InvalidOperationException>(() => unused!.Add(static () => { })).Message.ShouldContain("scope was disposed");
    }

    [Fact]
    public async Task The_task_queue_starts_at_once_in_a_scope_of_its_own()
    {
        Gate ran = new(), goOn = new();
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", async (IBackgroundTaskQueue queue) =>
        {
            queue.Enqueue((services, cancellationToken) =>
            {
                services.GetRequiredService<BackgroundTasks>().Count.ShouldBe(0);
                cancellationToken.CanBeCanceled.ShouldBeTrue();
                ran.Open();
                return Task.CompletedTask;
            });
            await goOn.Opened();
        }));
        using var client = await app.ConnectAsync();
        await client.SendAsync("/");
        await ran.Soon();
        goOn.Open();
        await client.ReadAsync();
        app.Log.Lines.ShouldNotContain(static l => l.EventId == 1100);
    }

    [Fact]
    public async Task A_typed_job_is_enqueued_in_its_turn_after_the_response()
    {
        var greeted = new TaskCompletionSource<string>();
        var first = new Gate();
        await using var app = await TestApp.StartAsync(
            app => app.MapGet("/", (BackgroundTasks tasks) =>
            {
                tasks.Add(first.Open);
                tasks.Enqueue(new Greet("Ada"));
            }),
            s => s.AddJob((Greet job, CancellationToken _) =>
            {
                greeted.SetResult(first.IsOpen ? job.Name : "too early");
                return Task.CompletedTask;
            }));
        using var client = await app.ConnectAsync();
        (await client.GetAsync("/")).Status.ShouldBe(200);
        (await greeted.Task.Soon()).ShouldBe("Ada");
    }

    [Fact]
    public async Task A_typed_job_that_nobody_registered_fails_the_request()
    {
        await using var app = await TestApp
            .StartAsync(static app => app.MapGet("/", static (BackgroundTasks tasks) => tasks.Enqueue(new Greet("Ada"))));
        using var client = await app.ConnectAsync();
        (await client.GetAsync("/")).Status.ShouldBe(500);
    }

    [Fact]
    public async Task Adding_Simmer_twice_is_adding_it_once()
    {
        var runs = 0;
        var done = new Gate();
        await using var app = await TestApp.StartWithAsync(
            app => app.MapGet("/", (BackgroundTasks tasks) =>
            {
                tasks.Add(() => Interlocked.Increment(ref runs));
                tasks.Add(done.Open);
            }),
            static builder =>
            {
                builder.Services.AddSimmer().AddQueue("mail");
                builder.Services.AddSimmer().AddQueue("Mail", static q => q.Concurrency = 2);
                builder.Services.Count(static d => d.ServiceType == typeof(Microsoft.AspNetCore.Hosting.IStartupFilter)
                    && d.ImplementationType?.Name == "AfterResponseStartupFilter").ShouldBe(1);
            });
        using var client = await app.ConnectAsync();
        await client.GetAsync("/");
        await done.Soon();
        runs.ShouldBe(1);
    }

    private static async Task RoundTripAsync(TestApp app)
    {
        using var client = await app.ConnectAsync();
        (await client.GetAsync("/")).Status.ShouldBe(404);
    }

    internal sealed record Greet(string Name) : IJob;
}
