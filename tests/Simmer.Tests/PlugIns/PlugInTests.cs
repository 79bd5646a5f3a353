using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Simmer.Tests.Durable;
using Simmer.Tests.Engine;

namespace Simmer.Tests.PlugIns;

/// <summary>Everything that an application plugs in may throw at any moment. Work that others share goes on.</summary>
[Collection(Alone)]
public abstract class PlugInTests(IJobDatabase? database) : IAsyncLifetime
{
    /// <summary>Listeners hear the whole process.</summary>
    public const string Alone = "listeners that throw";

    private readonly Signal _taskRan = new();
    private readonly Signal _cancelStarted = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => database?.CreateAsync() ?? ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (database is not null)
        {
            await database.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    [Theory]
    [InlineData("line")]
    [InlineData("level")]
    [InlineData("scope")]
    [InlineData("scope's end")]
    [InlineData("all")]
    public async Task A_log_provider_that_throws_ends_nothing(string member)
    {
        using var logs = new ThrowingLogs(member);
        await using (var host = await StartAsync(b => b.Logging.AddProvider(logs)))
        {
            await ShouldWorkAsync(host);
        }

        // Whether the level is asked for depends on the provider before this one.
        (logs.Calls > 0 || member == "level").ShouldBeTrue();
    }

    [Fact]
    public async Task A_listener_of_the_meters_that_throws_ends_nothing()
    {
        var calls = 0;
        using var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, l) =>
            {
                if (instrument.Meter.Name.StartsWith("Simmer", StringComparison.Ordinal))
                {
                    l.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, _, _, _) => Throw());
        listener.SetMeasurementEventCallback<double>((_, _, _, _) => Throw());
        listener.Start();

        await using (var host = await StartAsync())
        {
            await ShouldWorkAsync(host);
        }

        calls.ShouldBeGreaterThan(0);

        void Throw()
        {
            _ = Interlocked.Increment(ref calls);
            throw new InvalidOperationException("The collector is away.");
        }
    }

    [Fact]
    public async Task A_listener_of_the_meters_that_throws_when_it_is_told_of_an_instrument_keeps_no_host_from_its_start()
    {
        var calls = 0;
        var throws = false;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (Volatile.Read(ref throws) && instrument.Meter.Name.StartsWith("Simmer", StringComparison.Ordinal))
                {
                    Interlocked.Increment(ref calls);
                    throw new InvalidOperationException("The collector is away.");
                }
            },
        };
        listener.Start();
        Volatile.Write(ref throws, true);

        await using (var host = await StartAsync())
        {
            await ShouldWorkAsync(host);
        }

        Volatile.Write(ref throws, false);
        calls.ShouldBeGreaterThan(0);
    }

    [Theory]
    [InlineData("sampler")]
    [InlineData("start")]
    [InlineData("stop")]
    [InlineData("exception")]
    public async Task A_listener_of_the_activities_that_throws_ends_nothing(string member)
    {
        var calls = 0;
        using var listener = new ActivityListener
        {
            ShouldListenTo = static s => s.Name == "Simmer",
            Sample = (ref _) =>
            {
                Throw("sampler");
                return ActivitySamplingResult.AllDataAndRecorded;
            },
            ActivityStarted = _ => Throw("start"),
            ActivityStopped = _ => Throw("stop"),
            ExceptionRecorder = (Activity _, Exception _, ref TagList _) => Throw("exception"),
        };
        ActivitySource.AddActivityListener(listener);
        var outer = new Activity("the request").Start();

        await using (var host = await StartAsync())
        {
            await ShouldWorkAsync(host);
        }

        Activity.Current.ShouldBeSameAs(outer);
        outer.Stop();
        calls.ShouldBeGreaterThan(0);

        void Throw(string here)
        {
            if (here == member)
            {
                _ = Interlocked.Increment(ref calls);
                throw new InvalidOperationException("The collector is away.");
            }
        }
    }

    [Theory]
    [InlineData("now")]
    [InlineData("timestamp")]
    [InlineData("timer")]
    [InlineData("timer's end")]
    [InlineData("all")]
    public async Task A_clock_that_throws_ends_nothing(string member)
    {
        var time = new ThrowingTime(member);
        await using (var host = await StartAsync(b => b.Services.AddSingleton<TimeProvider>(time)))
        {
            time.Throws = true;
            await ShouldWorkAsync(host);
        }

        time.Calls.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Chance_that_throws_ends_nothing()
    {
        await using var host = await StartAsync(static b => b.Services.AddSingleton<Random>(new NoChance()));

        await ShouldWorkAsync(host);
    }

    [Fact]
    public async Task A_json_converter_that_throws_fails_what_it_converts_and_ends_nothing()
    {
        await using var host = await StartAsync();
        if (database is not null)
        {
            await Should.ThrowAsync<Exception>(host.Jobs.EnqueueAsync(new Strange(new Odd("unwritable")), cancellationToken: Cancelled));
            var unreadable = await host.Jobs.EnqueueAsync(new Strange(new Odd("unreadable")), cancellationToken: Cancelled);
            await Until.True(() => host.Jobs.GetAsync(unreadable.Id, Cancelled).GetAwaiter().GetResult()!.Errors.Count > 0,
                "it cannot be read");
        }

        var answer = await host.Jobs.EnqueueAsync(new GivesOdd(), cancellationToken: Cancelled);
        _ = await Record.ExceptionAsync(() => answer.WaitAsync(Cancelled).WaitAsync(TimeSpan.FromSeconds(30), Cancelled));

        await ShouldWorkAsync(host);
    }

    /// <summary>Goes through what the engine logs, measures and times: success, failure and retry, cancel, expiry, a delay, progress,
    /// tasks, steps.</summary>
    private async Task ShouldWorkAsync(EngineHost host)
    {
        var patience = TimeSpan.FromSeconds(30);
        var good = await host.Jobs.EnqueueAsync(new Greet("Ada"), cancellationToken: Cancelled).WaitAsync(patience, Cancelled);
        var late = await host.Jobs.EnqueueAsync(new Greet("late"), new EnqueueOptions { Delay = TimeSpan.FromMilliseconds(20) }, Cancelled)
            .WaitAsync(patience, Cancelled);
        var bad = await host.Jobs.EnqueueAsync(new Fails(), cancellationToken: Cancelled).WaitAsync(patience, Cancelled);
        var endless = await host.Jobs.EnqueueAsync(new Endless(), cancellationToken: Cancelled).WaitAsync(patience, Cancelled);
        var many = await host.Jobs.EnqueueManyAsync([new Greet("a"), new Greet("b")], cancellationToken: Cancelled)
            .WaitAsync(patience, Cancelled);
        var chain = await host.Jobs.EnqueueAsync(Chain.Of(new Greet("one")).Then(new Greet("two")), cancellationToken: Cancelled)
            .WaitAsync(patience, Cancelled);
        await using (var scope = host.Services.CreateAsyncScope())
        {
            var tasks = scope.ServiceProvider.GetRequiredService<BackgroundTasks>();
            tasks.Add(static Task () => throw new InvalidOperationException("the first task"));
            tasks.Add(_taskRan.Set);
        }

        await _cancelStarted.WaitAsync();
        await host.Jobs.CancelAsync(endless.Id, "enough", Cancelled).WaitAsync(patience, Cancelled);

        (await EndAsync(good)).ShouldBe(JobState.Succeeded);
        (await EndAsync(late)).ShouldBe(JobState.Succeeded);
        (await EndAsync(bad)).ShouldBe(JobState.Failed);
        (await host.Jobs.GetAsync(bad.Id, Cancelled))!.Errors.Select(static e => e.Message).ShouldBe(["it fails", "it fails"]);
        (await EndAsync(endless)).ShouldBe(JobState.Cancelled);
        (await EndAsync(many[1])).ShouldBe(JobState.Succeeded);
        (await host.Jobs.WaitAsync(chain.Id, Cancelled).WaitAsync(patience, Cancelled))!.State.ShouldBe(WorkflowState.Succeeded);
        await _taskRan.WaitAsync();

        async Task<JobState> EndAsync(JobHandle handle) =>
            (await host.Jobs.WaitAsync(handle.Id, Cancelled).WaitAsync(patience, Cancelled))!.State;
    }

    private Task<EngineHost> StartAsync(Action<HostApplicationBuilder>? host = null) => EngineHost.StartAsync(
        simmer => (database?.Use(simmer) ?? simmer)
            .AddJob((Greet _, JobContext context, CancellationToken _) =>
            {
                context.Progress.Report(0.5, "half");
                context.Logger.LogInformation("Hello");
                return Task.CompletedTask;
            })
            .AddJob((Fails _, CancellationToken _) => Task.FromException(new InvalidOperationException("it fails")),
                static o => (o.MaxAttempts, o.Retry) = (2, new RetryPolicy { BaseDelay = TimeSpan.FromMilliseconds(10) }))
            .AddJob(async (Endless _, CancellationToken token) =>
            {
                _cancelStarted.Set();
                await Task.Delay(Timeout.Infinite, token);
            })
            .AddJob((Strange _, CancellationToken _) => Task.CompletedTask)
            .AddJob((GivesOdd _, CancellationToken _) => Task.FromResult(new Odd("unwritable")), static o => o.MaxAttempts = 1),
        host);

    public sealed record Fails : IJob;

    public sealed record Endless : IJob;

    public sealed record Strange(Odd Odd) : IJob;

    public sealed record GivesOdd : IJob<Odd>;

    [JsonConverter(typeof(OddConverter))]
    public sealed record Odd(string Text);

    public sealed class OddConverter : JsonConverter<Odd>
    {
        public override Odd Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.GetString() is "unreadable" ? throw new InvalidOperationException("It cannot be read.") : new Odd("read");

        public override void Write(Utf8JsonWriter writer, Odd value, JsonSerializerOptions options)
        {
            if (value.Text == "unwritable")
            {
                throw new InvalidOperationException("It cannot be written.");
            }

            writer.WriteStringValue(value.Text);
        }
    }

    private sealed class NoChance : Random
    {
        public override double NextDouble() => throw new InvalidOperationException("No chance.");
    }
}
