namespace Simmer.AspNetCore.Tests.Tasks;

/// <summary>At shutdown tasks run on until the host's deadline and are then told to stop. Those that are lost are logged.</summary>
public sealed class ShutdownTests
{
    [Fact]
    public async Task Shutdown_waits_for_running_and_waiting_tasks()
    {
        Gate started = new(), goOn = new(), second = new();
        await using var app = await TestApp.StartAsync(
            app => app.MapGet("/", (BackgroundTasks tasks) =>
            {
                tasks.Add(async () =>
                {
                    started.Open();
                    await goOn.Opened();
                });
                tasks.Add(second.Open);
            }),
            static s => s.AddQueue("after-response", static q => q.Concurrency = 1));
        using var client = await app.ConnectAsync();
        await client.GetAsync("/");
        await started.Soon();
        await client.GetAsync("/");

        var stopping = app.StopAsync(TestContext.Current.CancellationToken);
        stopping.IsCompleted.ShouldBeFalse();
        goOn.Open();
        await stopping.Soon();
        second.IsOpen.ShouldBeTrue();
        app.Log.Lines.ShouldNotContain(static l => l.EventId == 1102 || l.EventId == 1004);
    }

    [Fact]
    public async Task A_request_in_flight_at_shutdown_still_gets_its_tasks_run()
    {
        Gate entered = new(), goOn = new(), ran = new();
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", async (BackgroundTasks tasks) =>
        {
            entered.Open();
            await goOn.Opened();
            tasks.Add(ran.Open);
            return "done";
        }));
        using var client = await app.ConnectAsync();
        await client.SendAsync("/");
        await entered.Soon();
        var stopping = app.StopAsync(TestContext.Current.CancellationToken);
        goOn.Open();
        (await client.ReadAsync()).Body.ShouldBe("done");
        await stopping.Soon();
        ran.IsOpen.ShouldBeTrue();
    }

    [Fact]
    public async Task After_the_deadline_tasks_are_told_to_stop_and_the_lost_ones_are_named()
    {
        Gate started = new(), third = new();
        await using var app = await TestApp.StartAsync(app => app.MapGet("/", (BackgroundTasks tasks) =>
        {
            tasks.Add((CancellationToken cancellationToken) => WaitForever(started, cancellationToken));
            tasks.Add(static (CancellationToken _) => Task.CompletedTask);
            tasks.Add(third.Open);
        }));
        using var client = await app.ConnectAsync();
        await client.GetAsync("/");
        await started.Soon();
        using var deadline = new CancellationTokenSource();
        var stopping = app.StopAsync(deadline.Token);
        await deadline.CancelAsync();
        await stopping.ContinueWith(static _ => { }, TaskScheduler.Default).Soon();
        var lost = await app.Log.SoonAsync(1102);
        lost.Text.ShouldContain("After-response work of GET / was told to stop");
        lost.Text.ShouldContain("Tasks lost: 3 (");
        lost.Text.ShouldContain(nameof(Gate) + "." + nameof(Gate.Open));
        third.IsOpen.ShouldBeFalse();
        app.Log.Lines.ShouldNotContain(static l => l.EventId == 1004, "lost tasks are told once");
    }

    private static async Task WaitForever(Gate started, CancellationToken cancellationToken)
    {
        started.Open();
        await new Gate().Opened(cancellationToken);
    }
}
