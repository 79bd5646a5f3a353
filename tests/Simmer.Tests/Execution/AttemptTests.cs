using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Simmer.Tests.Engine;

namespace Simmer.Tests.Execution;

/// <summary>Attempts, their errors and what a verdict does about them.</summary>
public sealed class AttemptTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private readonly FakeTimeProvider _time = new(Some.Moment);

    [Fact]
    public async Task A_job_that_always_fails_ends_failed_with_its_errors()
    {
        var (job, host) = await RunAsync((_, _) => throw new InvalidOperationException("no ink"),
            static o => (o.MaxAttempts, o.Retry) = (3, RetryPolicy.Immediate));

        (job.State, job.Attempt, job.Run).ShouldBe((JobState.Failed, 3, 3));
        job.Errors.Select(static e => (e.Attempt, e.Type, e.Message))
            .ShouldBe([.. Enumerable.Range(1, 3).Select(static i => (i, "System.InvalidOperationException", "no ink"))]);
        job.Errors[0].Detail!.ShouldContain(nameof(A_job_that_always_fails_ends_failed_with_its_errors));
        job.Reason.ShouldBe("attempts exhausted: 3 of 3");
        host.Log.Lines.Count(static l => l.EventId == 1012).ShouldBe(2);
        host.Log.Lines.Count(static l => l.EventId == 1013).ShouldBe(1);
    }

    [Fact]
    public async Task The_newest_twenty_errors_are_kept()
    {
        var (job, _) = await RunAsync((_, _) => throw new InvalidOperationException("no ink"),
            static o => (o.MaxAttempts, o.Retry) = (25, RetryPolicy.Immediate));

        job.Errors.Select(static e => e.Attempt).ShouldBe(Enumerable.Range(6, 20));
    }

    [Fact]
    public async Task A_retry_waits_for_its_back_off_with_the_seeded_jitter()
    {
        var starts = new List<DateTimeOffset>();
        var (job, _) = await RunAsync(
            (_, _) =>
            {
                starts.Add(_time.GetUtcNow());
                return starts.Count < 3 ? throw new InvalidOperationException("not yet") : Task.CompletedTask;
            },
            static o => o.Retry = new RetryPolicy { BaseDelay = TimeSpan.FromSeconds(100) },
            new FixedRandom(0.5));

        job.State.ShouldBe(JobState.Succeeded);
        (starts[1] - starts[0]).TotalSeconds.ShouldBeInRange(50, 51);
        (starts[2] - starts[1]).TotalSeconds.ShouldBeInRange(100, 101);
    }

    [Fact]
    public async Task A_snooze_spends_no_attempt()
    {
        var attempts = new List<int>();
        var (job, _) = await RunVerdictAsync((context, run) =>
        {
            attempts.Add(context.Attempt);
            return run <= 5 ? JobVerdict.Snooze(TimeSpan.FromMinutes(1)) : JobVerdict.Success;
        }, maxAttempts: 1);

        (job.State, job.Run, job.Attempt, job.Errors.Count).ShouldBe((JobState.Succeeded, 6, 1, 0));
        attempts.ShouldAllBe(static a => a == 1);
    }

    [Fact]
    public async Task A_retry_that_is_asked_for_comes_when_asked_and_spends_an_attempt()
    {
        var (job, _) = await RunVerdictAsync(static (_, _) => JobVerdict.RetryIn(TimeSpan.FromMinutes(1), "busy"), maxAttempts: 2);

        (job.State, job.Attempt).ShouldBe((JobState.Failed, 2));
        job.Errors.ShouldAllBe(static e => e.Type == ErrorTypes.Verdict && e.Message == "busy");
        (job.FinishedAt!.Value - job.EnqueuedAt).ShouldBeInRange(TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(62));
    }

    [Fact]
    public async Task Giving_up_ends_it_at_once()
    {
        var (job, _) = await RunVerdictAsync(static (_, _) => JobVerdict.Fail("address unknown"), maxAttempts: 10);

        (job.State, job.Attempt, job.Reason).ShouldBe((JobState.Failed, 1, "address unknown"));
    }

    [Fact]
    public async Task The_idempotency_key_is_the_same_for_all_attempts_and_different_for_every_job()
    {
        var keys = new List<string>();
        Task Handler(JobContext context, CancellationToken token)
        {
            keys.Add(context.IdempotencyKey);
            return context.Attempt < 3 ? throw new InvalidOperationException() : Task.CompletedTask;
        }

        await RunAsync(Handler, static o => o.Retry = RetryPolicy.Immediate);
        await RunAsync(Handler, static o => o.Retry = RetryPolicy.Immediate);

        keys.Count.ShouldBe(6);
        keys.Distinct().Count().ShouldBe(2);
    }

    [Fact]
    public async Task A_log_sink_or_a_provider_that_throws_costs_neither_the_job_nor_its_slot()
    {
        await using var host = await EngineHost.StartAsync(
            static s => s.AddQueue("default", static q => q.Concurrency = 1)
                .AddJob(static (Greet _, CancellationToken _) => Task.CompletedTask),
            static b => b.Services.AddSingleton<Microsoft.Extensions.Logging.ILoggerProvider, ThrowingSink>());

        for (var i = 0; i < 3; i++)
        {
            await (await host.Jobs.EnqueueAsync(new Greet("Ada"), cancellationToken: Cancelled)).WaitAsync(Cancelled);
        }
    }

    private Task<(JobRecord Job, EngineHost Host)> RunVerdictAsync(Func<JobContext, int, JobVerdict> handler, int maxAttempts)
    {
        var runs = 0;
        return RunAsync(s => s.AddJob((Greet _, JobContext c, CancellationToken _) => Task.FromResult(handler(c, ++runs)),
            o => o.MaxAttempts = maxAttempts), null);
    }

    private Task<(JobRecord Job, EngineHost Host)> RunAsync(Func<JobContext, CancellationToken, Task> handler, Action<JobOptions> options,
        Random? random = null) =>
        RunAsync(s => s.AddJob((Greet _, JobContext c, CancellationToken t) => handler(c, t), options), random);

    private async Task<(JobRecord Job, EngineHost Host)> RunAsync(Action<SimmerBuilder> configure, Random? random)
    {
        await using var host = await EngineHost.StartAsync(configure, b =>
        {
            b.Services.AddSingleton<TimeProvider>(_time);
            if (random is not null)
            {
                b.Services.AddSingleton(random);
            }
        });
        var handle = await host.Jobs.EnqueueAsync(new Greet("Ada"), cancellationToken: Cancelled);
        return ((await _time.Passes(host.Jobs.WaitAsync(handle.Id, Cancelled), "the job ends"))!, host);
    }

    private sealed class FixedRandom(double value) : Random
    {
        public override double NextDouble() => value;
    }

    private sealed class ThrowingSink : Microsoft.Extensions.Logging.ILoggerProvider, Microsoft.Extensions.Logging.ILogger
    {
        public Microsoft.Extensions.Logging.ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(Microsoft.Extensions.Logging.LogLevel logLevel) => true;

        public void Log<TState>(Microsoft.Extensions.Logging.LogLevel logLevel, Microsoft.Extensions.Logging.EventId eventId, TState state,
            Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (eventId.Id == 1011)
            {
                throw new InvalidOperationException("The log is full.");
            }
        }

        public void Dispose()
        {
            // Nothing to release.
        }
    }
}
