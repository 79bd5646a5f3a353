using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Simmer.Tests.Engine;

namespace Simmer.Tests.Execution;

public sealed class JobContextTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private readonly FakeTimeProvider _time = new(Some.Moment);

    [Fact]
    public async Task It_tells_about_the_attempt()
    {
        JobContext? seen = null;
        var job = await RunAsync((c, _) =>
        {
            seen = c;
            return Task.CompletedTask;
        }, new EnqueueOptions { Tags = ["red"], MaxAttempts = 4 });

        (seen!.Id, seen.Kind, seen.Queue, seen.Attempt, seen.MaxAttempts).ShouldBe((job.Id, "greet", "default", 1, 4));
        (seen.IdempotencyKey, seen.EnqueuedAt).ShouldBe((job.Id.ToString(), Some.Moment));
        seen.Tags.ShouldBe(["red"]);
    }

    [Fact]
    public async Task Progress_is_stored_a_few_times_a_second_and_always_the_last()
    {
        var versions = 0L;
        var job = await RunAsync((c, _) =>
        {
            for (var i = 0; i <= 1_000; i++)
            {
                c.Progress.Report(i / 1_000.0, $"row {i}");
                _time.Advance(TimeSpan.FromMilliseconds(2));
            }

            return Task.CompletedTask;
        });

        (job.State, job.Progress, job.ProgressText).ShouldBe((JobState.Succeeded, 1.0, "row 1000"));
        versions = job.Version;

        // Two seconds: at most nine notes, the start and the end.
        versions.ShouldBeInRange(2, 13);
    }

    [Fact]
    public async Task Progress_is_seen_while_the_job_runs()
    {
        var bench = new Signal();
        await using var host = await StartAsync(async (c, t) =>
        {
            c.Progress.Report(0.25, "a quarter");
            c.Progress.Report("a quarter and a bit");
            await bench.WaitAsync(t);
        });
        var handle = await host.Jobs.EnqueueAsync(new Greet("Ada"), cancellationToken: Cancelled);

        await _time.Passes(() => handle.GetAsync(Cancelled).Result is { Progress: 0.25, ProgressText: "a quarter and a bit" },
            "it is stored");
        bench.Set();
        await handle.WaitAsync(Cancelled);
    }

    [Theory]
    [InlineData(1.0000000000000002, 1.0)]
    [InlineData(1.1, 1.0)]
    [InlineData(double.PositiveInfinity, 1.0)]
    [InlineData(double.MaxValue, 1.0)]
    [InlineData(-0.1, 0.0)]
    [InlineData(double.NegativeInfinity, 0.0)]
    [InlineData(-double.Epsilon, 0.0)]
    [InlineData(double.NaN, 0.5)]
    public async Task Progress_that_is_no_fraction_counts_as_the_nearer_end_and_is_told_once(double fraction, double counts)
    {
        await using var host = await StartAsync((c, _) =>
        {
            c.Progress.Report(0.5);
            c.Progress.Report(fraction);
            ((IProgress<double>)c.Progress).Report(fraction);
            c.Progress.Fraction.ShouldBe(counts);
            return Task.CompletedTask;
        });

        foreach (var handle in new[] { await host.Jobs.EnqueueAsync(new Greet("Ada"), cancellationToken: Cancelled),
            await host.Jobs.EnqueueAsync(new Greet("Bob"), cancellationToken: Cancelled) })
        {
            var job = (await host.Jobs.WaitAsync(handle.Id, Cancelled))!;
            (job.State, job.Attempt, job.Progress).ShouldBe((JobState.Succeeded, 1, counts));
        }

        host.Log.Lines.Where(static l => l.EventId == 1060).ShouldHaveSingleItem().Text.ShouldContain("Job greet");
    }

    [Fact]
    public async Task Progress_that_is_no_number_before_any_other_says_nothing()
    {
        var job = await RunAsync(static (c, _) =>
        {
            c.Progress.Report(double.NaN, "rows");
            return Task.CompletedTask;
        });

        (job.State, job.Progress, job.ProgressText).ShouldBe((JobState.Succeeded, null, "rows"));
    }

    [Theory]
    [InlineData(1_000, 0, 1_000)]
    [InlineData(1_001, 0, 1_000)]
    [InlineData(5_000, 0, 1_000)]
    [InlineData(998, 10, 999)]
    public async Task A_long_text_of_progress_is_cut_with_a_mark_and_at_a_whole_character(int letters, int emoji, int length)
    {
        var job = await RunAsync((c, _) =>
        {
            c.Progress.Report(new string('x', letters) + string.Concat(Enumerable.Repeat("\U0001F600", emoji)));
            return Task.CompletedTask;
        });

        (job.State, job.ProgressText!.Length).ShouldBe((JobState.Succeeded, length));
        job.ProgressText.EndsWith('…').ShouldBe(letters + emoji > 1_000);
        job.ProgressText.ShouldNotContain("\uFFFD");
    }

    [Fact]
    public async Task A_text_of_progress_that_no_database_could_hold_is_shown_with_marks()
    {
        var job = await RunAsync(static (c, _) =>
        {
            c.Progress.Report(0.5, "half \uD83D of\0 an emoji");
            return Task.CompletedTask;
        });

        job.ProgressText.ShouldBe("half \uFFFD of\uFFFD an emoji");
    }

    [Theory]
    [InlineData("returns")]
    [InlineData("throws")]
    [InlineData("cancelled")]
    public async Task What_is_registered_is_released_at_the_end_the_last_first(string end)
    {
        var released = new List<string>();
        var started = new Signal();
        await using var host = await StartAsync(async (c, t) =>
        {
            c.DisposeAtEnd(new Thing("a", released));
            c.DisposeAtEnd(new AsyncThing("b", released));
            started.Set();
            if (end == "throws")
            {
                throw new InvalidOperationException();
            }

            await (end == "returns" ? Task.CompletedTask : new Signal().WaitAsync(t));
        });
        var handle = await host.Jobs.EnqueueAsync(new Greet("Ada"), new EnqueueOptions { MaxAttempts = 1 }, Cancelled);
        await started.WaitAsync();
        await handle.CancelAsync(cancellationToken: Cancelled);
        await host.Jobs.WaitAsync(handle.Id, Cancelled);

        released.ShouldBe(["b", "a"]);
    }

    [Fact]
    public async Task What_cannot_be_released_is_refused_and_what_throws_then_is_logged()
    {
        await using var host = await StartAsync((c, _) =>
        {
            Should.Throw<ArgumentException>(() => c.DisposeAtEnd("text")).Message.ShouldContain("A String cannot be released");
            c.DisposeAtEnd(new Thing("a", null!));
            return Task.CompletedTask;
        });

        await (await host.Jobs.EnqueueAsync(new Greet("Ada"), cancellationToken: Cancelled)).WaitAsync(Cancelled);

        host.Log.Lines.Count(static l => l.EventId == 1017).ShouldBe(1);
    }

    [Fact]
    public async Task Its_logger_and_every_other_log_in_a_scope_that_names_the_job()
    {
        await using var host = await StartAsync(static (c, _) =>
        {
            c.Logger.LogInformation("by the context");
            c.Services.GetRequiredService<ILogger<JobContextTests>>().LogInformation("by a service");
            return Task.CompletedTask;
        });

        var handle = await host.Jobs.EnqueueAsync(new Greet("Ada"), cancellationToken: Cancelled);
        await handle.WaitAsync(Cancelled);

        foreach (var text in new[] { "by the context", "by a service" })
        {
            var scope = host.Log.Lines.Single(l => l.Text == text).Scope;
            (scope["JobId"], scope["JobKind"], scope["Queue"], scope["Attempt"]).ShouldBe((handle.Id, "greet", "default", 1));
        }

        host.Log.Lines.Single(static l => l.Text == "by the context").Category.ShouldBe("Simmer.Jobs.greet");
    }

    [Fact]
    public async Task A_job_does_not_see_the_flow_of_the_caller()
    {
        var flowing = new AsyncLocal<string?> { Value = "the request" };
        string? seen = "nothing";
        await RunAsync((_, _) =>
        {
            seen = flowing.Value;
            return Task.CompletedTask;
        });

        seen.ShouldBeNull();
    }

    private Task<EngineHost> StartAsync(Func<JobContext, CancellationToken, Task> handler) => EngineHost.StartAsync(
        s => s.AddJob((Greet _, JobContext c, CancellationToken t) => handler(c, t)), b => b.Services.AddSingleton<TimeProvider>(_time));

    private async Task<JobRecord> RunAsync(Func<JobContext, CancellationToken, Task> handler, EnqueueOptions? options = null)
    {
        await using var host = await StartAsync(handler);
        return (await host.Jobs.WaitAsync((await host.Jobs.EnqueueAsync(new Greet("Ada"), options, Cancelled)).Id, Cancelled))!;
    }

    private sealed class Thing(string name, List<string> released) : IDisposable
    {
        public void Dispose() => released.Add(name);
    }

    private sealed class AsyncThing(string name, List<string> released) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            released.Add(name);
            return ValueTask.CompletedTask;
        }
    }
}
