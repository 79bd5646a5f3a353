namespace Simmer.AspNetCore.Tests.Tasks;

/// <summary>After the last byte, off the connection, in order.</summary>
public sealed class WhenTasksRunTests
{
    [Fact]
    public async Task No_task_starts_before_the_body_is_complete()
    {
        Gate started = new(), goOn = new();
        await using var app = await TestApp.StartAsync(app =>
        {
            app.MapGet("/", async (HttpContext context, BackgroundTasks tasks) =>
            {
                tasks.Add(started.Open);
                await context.Response.WriteAsync("first ");
                await context.Response.Body.FlushAsync();
                await goOn.Opened();
                await context.Response.WriteAsync("last");
            });
            app.MapGet("/other", static () => "other");
        });
        using var client = await app.ConnectAsync();
        await client.SendAsync("/");
        _ = await client.ReadHeadAsync();
        (await client.ReadChunkAsync()).ShouldBe("first ");
        using (var other = await app.ConnectAsync())
        {
            (await other.GetAsync("/other")).Body.ShouldBe("other");
        }

        started.IsOpen.ShouldBeFalse();
        goOn.Open();
        (await client.ReadChunkAsync()).ShouldBe("last");
        (await client.ReadChunkAsync()).ShouldBeEmpty();
        await started.Soon();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_same_connection_serves_its_next_request_while_a_task_runs(bool synchronous)
    {
        Gate started = new(), goOn = new(), ended = new();
        using var block = new ManualResetEventSlim();
        await using var app = await TestApp.StartAsync(app =>
        {
            app.MapGet("/slow", (BackgroundTasks tasks) =>
            {
                if (synchronous)
                {
                    tasks.Add(() =>
                    {
                        started.Open();
                        block.Wait(TestContext.Current.CancellationToken);
                        ended.Open();
                    });
                }
                else
                {
                    tasks.Add(async () =>
                    {
                        started.Open();
                        await goOn.Opened();
                        ended.Open();
                    });
                }

                return "slow";
            });
            app.MapGet("/next", static () => "next");
        });
        using var client = await app.ConnectAsync();
        (await client.GetAsync("/slow")).Body.ShouldBe("slow");
        await started.Soon();

        (await client.GetAsync("/next")).Body.ShouldBe("next");
        ended.IsOpen.ShouldBeFalse();
        goOn.Open();
        block.Set();
        await ended.Soon();
    }

    [Fact]
    public async Task Tasks_of_a_request_run_one_after_another_as_added()
    {
        var order = new List<int>();
        Gate goOn = new(), ended = new();
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", (BackgroundTasks tasks) =>
        {
            tasks.Add(async () =>
            {
                await goOn.Opened();
                order.Add(1);
            });
            tasks.Add(() => order.Add(2));
            tasks.Add(async () =>
            {
                await Task.Yield();
                order.Add(3);
            });
            tasks.Add(() => order.Add(4));
            tasks.Add(() => order.Add(5));
            tasks.Add(ended.Open);
        }));
        using var client = await app.ConnectAsync();
        (await client.GetAsync("/")).Status.ShouldBe(200);
        goOn.Open();
        await ended.Soon();
        order.ShouldBe([1, 2, 3, 4, 5]);
    }

    [Fact]
    public async Task Requests_do_not_wait_for_each_others_tasks_nor_share_their_failures()
    {
        Gate started = new(), goOn = new(), first = new(), second = new();
        await using var app = await TestApp.StartAsync(app =>
        {
            app.MapGet("/first", (BackgroundTasks tasks) =>
            {
                tasks.StopOnFailure = true;
                tasks.Add(async () =>
                {
                    started.Open();
                    await goOn.Opened();
                    throw new InvalidOperationException("the first request's own trouble");
                });
                tasks.Add(first.Open);
            });
            app.MapGet("/second", (BackgroundTasks tasks) => tasks.Add(second.Open));
        });
        using var client = await app.ConnectAsync();
        await client.GetAsync("/first");
        await started.Soon();
        await client.GetAsync("/second");
        await second.Soon();
        goOn.Open();
        var skipped = (await app.Log.SoonAsync(1101)).Text;
        skipped.ShouldContain("After-response work of GET /first is skipped");
        skipped.ShouldContain("Tasks skipped: 1 (");
        first.IsOpen.ShouldBeFalse();
    }

    [Fact]
    public async Task A_task_that_throws_is_logged_with_its_breadcrumbs_and_the_next_one_runs()
    {
        var next = new Gate();
        await using var app = await TestApp.StartAsync(app => app.MapPost("/orders/{id}", (int id, BackgroundTasks tasks) =>
        {
            tasks.Add(static () => { });
            tasks.Add(static async () =>
            {
                await Task.Yield();
                throw new InvalidOperationException("no mail today");
            });
            tasks.Add(next.Open);
        }));
        using var client = await app.ConnectAsync();
        await client.SendAsync("/orders/7", "POST");
        (await client.ReadAsync()).Status.ShouldBe(200);
        await next.Soon();
        var line = await app.Log.SoonAsync(1100);
        line.Exception.ShouldBeOfType<InvalidOperationException>();
        line.Text
            .ShouldContain($"{nameof(WhenTasksRunTests)}."
            + $"{nameof(A_task_that_throws_is_logged_with_its_breadcrumbs_and_the_next_one_runs)} (2 of 3) of POST /orders/7 threw");
    }

    [Fact]
    public async Task What_a_task_waits_for_may_be_completed_by_a_request_without_the_next_synchronous_one_running_on_its_path()
    {
        var inline = new TaskCompletionSource();
        Gate waits = new(), ran = new();
        using var block = new ManualResetEventSlim();
        await using var app = await TestApp.StartAsync(app =>
        {
            app.MapGet("/", (BackgroundTasks tasks) =>
            {
                tasks.Add(() =>
                {
                    waits.Open();
                    return inline.Task;
                });
                tasks.Add(() =>
                {
                    block.Wait(TestContext.Current.CancellationToken);
                    ran.Open();
                });
            });
            // Completes the awaited task on this request's own stack. If the rest of the tasks ran there inline, it would hold up this
            // answer.
            app.MapGet("/complete", () =>
            {
                inline.SetResult();
                return "completed";
            });
        });
        using var client = await app.ConnectAsync();
        await client.GetAsync("/");
        await waits.Soon();
        (await client.GetAsync("/complete")).Body.ShouldBe("completed");
        ran.IsOpen.ShouldBeFalse();
        block.Set();
        await ran.Soon();
    }
}
