using System.Net;
using Microsoft.Extensions.Time.Testing;
using Simmer.AspNetCore.Tests.Jobs;

namespace Simmer.AspNetCore.Tests.Workflows;

/// <summary>Live events of a whole workflow.</summary>
public sealed class WorkflowEventTests
{
    [Fact]
    public async Task A_stream_shows_the_graph_as_it_moves_and_ends_with_the_workflow()
    {
        var script = new Script();
        script.Course = script.WaitThenEndAsync;
        await using var app = await WorkApp.StartAsync(script);
        var handle = await app.EnqueueAsync(Chain.Of("pay", new Work("it")).Then("mail", new Chore()));
        await script.Started.Soon();

        using var stream = await EventReader.OpenAsync(app, $"/jobs/workflows/{handle.Id}/events");
        var first = await stream.NextAsync();
        first.Type.ShouldBe("state");
        first.Data.GetProperty("version").GetInt64().ShouldBe(first.Id);
        first.Data.Steps().ShouldBe(["pay running", "mail waiting"]);
        first.Data.Edges().ShouldBe(["1-2"]);
        script.GoOn.Open();
        var last = await stream.LastAsync();
        last.Type.ShouldBe("end");
        last.Id.ShouldBeGreaterThan(first.Id);
        last.Data.Text("state").ShouldBe("succeeded");
        last.Data.Steps().ShouldBe(["pay succeeded", "mail succeeded"]);
        (await app.GetAsync($"/jobs/workflows/{handle.Id}")).Body.GetProperty("version").GetInt64().ShouldBe(last.Id);
    }

    [Fact]
    public async Task What_a_client_has_seen_is_not_sent_again()
    {
        var script = new Script();
        script.Course = script.WaitThenEndAsync;
        await using var app = await WorkApp.StartAsync(script);
        var handle = await app.EnqueueAsync(Chain.Of(new Work("it")));
        var path = $"/jobs/workflows/{handle.Id}/events";
        await script.Started.Soon();
        long seen;
        using (var before = await EventReader.OpenAsync(app, path))
        {
            seen = (await before.NextAsync()).Id;
        }

        using var again = await EventReader.OpenAsync(app, path, seen);
        script.GoOn.Open();
        var end = await again.NextAsync();
        end.Type.ShouldBe("end");
        end.Id.ShouldBeGreaterThan(seen);

        using var request = EventReader.Request(path, end.Id);
        (await app.Http.SendAsync(request, TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        using var late = await EventReader.OpenAsync(app, path, seen);
        (await late.LastAsync()).Id.ShouldBe(end.Id);
        late.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_busy_workflow_is_shown_ten_times_a_second_and_its_end_is_never_lost()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(50));
        var script = new Script();
        script.Course = script.WaitThenEndAsync;
        await using var app = await WorkApp.StartAsync(script, configure: b => b.Services.AddSingleton<TimeProvider>(time));
        Chain chain = Chain.Of(new Work("it"));
        for (var i = 0; i < 50; i++)
        {
            chain = chain.Then(new Chore());
        }

        var handle = await app.EnqueueAsync(chain);
        await script.Started.Soon();
        using var stream = await EventReader.OpenAsync(app, $"/jobs/workflows/{handle.Id}/events?steps=false");
        var first = await stream.NextAsync();
        first.Data.Counts().ShouldBe("waiting:50 running:1");
        first.Data.Has("steps").ShouldBeFalse();

        // Everything below happens while the clock stands still.
        script.GoOn.Open();
        await handle.WaitAsync(TestContext.Current.CancellationToken);
        var next = stream.NextAsync();
        while (!next.IsCompleted)
        {
            // In small steps, because the pause may begin only now, and the workflow must have ended when it is over.
            time.Advance(TimeSpan.FromMilliseconds(1));
            await Task.Yield();
        }

        (await next).Type.ShouldBe("end");
        (await next).Data.Counts().ShouldBe("succeeded:51");
    }

    [Fact]
    public async Task A_silent_stream_is_kept_alive_by_comments()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(50));
        var script = new Script();
        script.Course = script.WaitThenEndAsync;
        await using var app = await WorkApp.StartAsync(script, configure: b => b.Services.AddSingleton<TimeProvider>(time));
        var handle = await app.EnqueueAsync(Chain.Of(new Work("it")));
        await script.Started.Soon();
        using var stream = await EventReader.OpenAsync(app, $"/jobs/workflows/{handle.Id}/events");
        await stream.NextAsync();

        // One advance is enough, because the timer has run since before the first event. More would reach the job's time limit before the
        // comment is written.
        time.Advance(AspNetCore.Workflows.WorkflowEventStream.KeepAlive);
        (await stream.CommentAsync()).ShouldBe(": still here");
        script.GoOn.Open();
    }

    [Fact]
    public async Task A_workflow_that_is_deleted_ends_its_stream_as_unknown()
    {
        var script = new Script();
        script.Course = script.WaitThenEndAsync;
        await using var app = await WorkApp.StartAsync(script);
        await app.EnqueueAsync();
        await script.Started.Soon();
        var handle = await app.EnqueueAsync(Chain.Of(new Chore()));
        using var stream = await EventReader.OpenAsync(app, $"/jobs/workflows/{handle.Id}/events");
        (await stream.NextAsync()).Data.Steps().ShouldBe(["chore ready"]);
        (await app.Services.GetRequiredService<IJobClient>().DeleteAsync(handle.Id, TestContext.Current.CancellationToken))
            .ShouldBe(DeleteResult.Deleted);
        var end = await stream.NextAsync();
        end.Type.ShouldBe("end");
        end.Data.Text("state").ShouldBe("unknown");
        script.GoOn.Open();
    }

    [Fact]
    public async Task Shutdown_ends_the_streams()
    {
        var script = new Script();
        script.Course = script.WaitThenEndAsync;
        await using var app = await WorkApp.StartAsync(script);
        var handle = await app.EnqueueAsync(Chain.Of(new Work("it")));
        await script.Started.Soon();
        using var stream = await EventReader.OpenAsync(app, $"/jobs/workflows/{handle.Id}/events");
        await stream.NextAsync();
        var stopping = app.StopAsync(TestContext.Current.CancellationToken);
        await stream.ToEndAsync();
        script.GoOn.Open();
        await stopping.Soon();
    }
}
