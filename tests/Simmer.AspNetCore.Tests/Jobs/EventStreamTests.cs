using System.Net;
using Microsoft.Extensions.Time.Testing;

namespace Simmer.AspNetCore.Tests.Jobs;

/// <summary>Live events.</summary>
public sealed class EventStreamTests
{
    [Fact]
    public async Task A_stream_opens_at_once_tells_progress_and_ends_with_the_job()
    {
        Gate report = new();
        var script = new Script();
        script.Course = async (job, context, cancellationToken) =>
        {
            script.Started.Open();
            await report.Opened(cancellationToken);
            context.Progress.Report(0.25, "a quarter\nand a line");
            return await script.WaitThenEndAsync(job, context, cancellationToken);
        };
        await using var app = await WorkApp.StartAsync(script);
        var handle = await app.EnqueueAsync();
        await script.Started.Soon();

        using var stream = await EventReader.OpenAsync(app, $"/jobs/{handle.Id}/events");
        var first = await stream.NextAsync();
        first.Type.ShouldBe("state");
        first.Data.Text("state").ShouldBe("running");
        report.Open();
        var second = await stream.NextAsync();
        second.Data.GetProperty("progress").GetProperty("fraction").GetDouble().ShouldBe(0.25);
        second.Data.GetProperty("progress").Text("text").ShouldBe("a quarter\nand a line");
        second.Id.ShouldBeGreaterThan(first.Id);
        second.Data.GetProperty("version").GetInt64().ShouldBe(second.Id);
        script.GoOn.Open();
        var last = await stream.LastAsync();
        last.Type.ShouldBe("end");
        last.Data.Text("state").ShouldBe("succeeded");
    }

    [Fact]
    public async Task What_a_client_has_seen_is_not_sent_again()
    {
        var script = new Script();
        script.Course = script.WaitThenEndAsync;
        await using var app = await WorkApp.StartAsync(script);
        var handle = await app.EnqueueAsync();
        await script.Started.Soon();
        long seen;
        using (var before = await EventReader.OpenAsync(app, $"/jobs/{handle.Id}/events"))
        {
            seen = (await before.NextAsync()).Id;
        }

        using var again = await EventReader.OpenAsync(app, $"/jobs/{handle.Id}/events", seen);
        script.GoOn.Open();
        var end = await again.NextAsync();
        end.Type.ShouldBe("end");
        end.Id.ShouldBeGreaterThan(seen);

        using var request = EventReader.Request($"/jobs/{handle.Id}/events", end.Id);
        (await app.Http.SendAsync(request, TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task A_finished_job_is_one_event()
    {
        await using var app = await WorkApp.StartAsync(new Script());
        var handle = await app.EnqueueAsync();
        await handle.WaitAsync(TestContext.Current.CancellationToken);
        using var stream = await EventReader.OpenAsync(app, $"/jobs/{handle.Id}/events");
        (await stream.LastAsync()).Type.ShouldBe("end");
        stream.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_silent_stream_is_kept_alive_by_comments()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(50));
        var script = new Script();
        script.Course = script.WaitThenEndAsync;
        await using var app = await WorkApp.StartAsync(script, configure: b => b.Services.AddSingleton<TimeProvider>(time));
        var handle = await app.EnqueueAsync();
        await script.Started.Soon();
        using var stream = await EventReader.OpenAsync(app, $"/jobs/{handle.Id}/events");
        await stream.NextAsync();

        // One advance is enough, because the timer has run since before the first event. More would reach the job's time limit before the
        // comment is written.
        time.Advance(AspNetCore.Jobs.JobEventStream.KeepAlive);
        (await stream.CommentAsync()).ShouldBe(": still here");
        script.GoOn.Open();
    }

    [Fact]
    public async Task Shutdown_ends_the_streams()
    {
        var script = new Script();
        script.Course = script.WaitThenEndAsync;
        await using var app = await WorkApp.StartAsync(script);
        var handle = await app.EnqueueAsync();
        await script.Started.Soon();
        using var stream = await EventReader.OpenAsync(app, $"/jobs/{handle.Id}/events");
        await stream.NextAsync();
        var stopping = app.StopAsync(TestContext.Current.CancellationToken);
        await stream.ToEndAsync();
        script.GoOn.Open();
        await stopping.Soon();
    }
}
