using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Simmer.Tests.Engine;

namespace Simmer.Tests.Diagnostics;

public sealed class TelemetryTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_trace_of_whoever_enqueued_goes_on_into_the_job()
    {
        var ended = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = static s => s.Name is "Simmer" or "test",
            Sample = static (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = ended.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        using var source = new ActivitySource("test");
        Activity? inside = null;
        await using var host = await EngineHost.StartAsync(s => s.AddJob((Greet _, CancellationToken _) =>
        {
            inside = Activity.Current;
            throw new InvalidOperationException("no");
        }, static o => o.MaxAttempts = 1));

        JobHandle handle;
        ActivityTraceId trace;
        using (var request = source.StartActivity("request")!)
        {
            trace = request.TraceId;
            handle = await host.Jobs.EnqueueAsync(new Greet("Ada"), cancellationToken: Cancelled);
        }

        await host.Jobs.WaitAsync(handle.Id, Cancelled);
        await Until.True(() => ended.Any(a => a.TraceId == trace && a.Kind == ActivityKind.Consumer), "the attempt's span ends");

        var send = ended.Single(a => a.TraceId == trace && a.Kind == ActivityKind.Producer);
        var process = ended.Single(a => a.TraceId == trace && a.Kind == ActivityKind.Consumer);
        process.ParentSpanId.ShouldBe(send.SpanId);
        inside.ShouldBeSameAs(process);
        (send.OperationName, process.OperationName).ShouldBe(("send default", "process default"));
        (process.GetTagItem("messaging.system"), process.GetTagItem("simmer.job.kind"), process.GetTagItem("messaging.message.id"))
            .ShouldBe(("simmer", "greet", handle.Id.ToString()));
        (process.Status, process.GetTagItem("error.type")).ShouldBe((ActivityStatusCode.Error, "System.InvalidOperationException"));
        (await handle.GetAsync(Cancelled))!.TraceParent.ShouldBe(send.Id);
    }

    [Fact]
    public async Task What_is_sent_waits_and_runs_is_measured()
    {
        var seen = new ConcurrentQueue<(string Name, double Value, Dictionary<string, object?> Tags)>();
        using var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, l) =>
            {
                if (instrument.Meter.Name == "Simmer")
                {
                    l.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((i, v, tags, _) => seen.Enqueue((i.Name, v, new(tags.ToArray()))));
        listener.SetMeasurementEventCallback<double>((i, v, tags, _) => seen.Enqueue((i.Name, v, new(tags.ToArray()))));
        listener.Start();
        await using var host = await EngineHost.StartAsync(static s => s.AddQueue("measured").AddJob(
            static (Greet job, CancellationToken _) => job.Name == "bad" ? throw new InvalidOperationException() : Task.CompletedTask,
            static o => (o.Queue, o.MaxAttempts, o.Kind) = ("measured", 1, "measured")));

        foreach (var name in new[] { "good", "bad" })
        {
            await host.Jobs.WaitAsync((await host.Jobs.EnqueueAsync(new Greet(name), cancellationToken: Cancelled)).Id, Cancelled);
        }

        List<(string Name, double Value, Dictionary<string, object?> Tags)> Own(string name) =>
            [.. seen.Where(s => s.Name == name && s.Tags.TryGetValue("simmer.job.kind", out var kind) && kind is "measured")];
        Own("messaging.client.sent.messages").Sum(static s => s.Value).ShouldBe(2);
        Own("simmer.job.wait").Count.ShouldBe(2);
        Own("messaging.process.duration").Count.ShouldBe(2);
        Own("messaging.client.consumed.messages").Select(static s => s.Tags["simmer.job.outcome"]).ShouldBe(["Returned", "Threw"]);
        Own("messaging.client.consumed.messages").ShouldAllBe(static s => (string?)s.Tags["messaging.destination.name"] == "measured");
    }
}
