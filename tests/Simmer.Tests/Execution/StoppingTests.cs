using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Simmer.Hosting;
using Simmer.Tests.Engine;

namespace Simmer.Tests.Execution;

/// <summary>Time limits, and handlers that do not stop when told to.</summary>
public sealed class StoppingTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private readonly FakeTimeProvider _time = new(Some.Moment);
    private readonly Bench _bench = new();

    [Fact]
    public async Task An_attempt_over_its_time_limit_is_stopped_and_counts_as_failed()
    {
        await using var host = await StartAsync(static o => (o.TimeLimit, o.MaxAttempts) = (TimeSpan.FromSeconds(30), 1));
        var handle = await host.Jobs.EnqueueAsync(new Work("a"), cancellationToken: Cancelled);
        await _bench.Started("a").WaitAsync();

        var job = (await _time.Passes(host.Jobs.WaitAsync(handle.Id, Cancelled), "the limit passes"))!;

        (job.State, job.Errors[0].Type).ShouldBe((JobState.Failed, ErrorTypes.TimeLimit));
        (job.FinishedAt - job.StartedAt)!.Value.TotalSeconds.ShouldBeInRange(30, 32);
    }

    [Fact]
    public async Task The_limit_of_the_enqueue_goes_before_that_of_the_kind()
    {
        await using var host = await StartAsync(static o => o.MaxAttempts = 1);
        var handle = await host.Jobs.EnqueueAsync(new Work("a"), new EnqueueOptions { TimeLimit = TimeSpan.FromSeconds(2) }, Cancelled);
        await _bench.Started("a").WaitAsync();

        var job = (await _time.Passes(host.Jobs.WaitAsync(handle.Id, Cancelled), "the limit passes"))!;

        job.Errors[0].Message.ShouldContain("00:00:02");
    }

    [Fact]
    public async Task A_handler_that_ignores_its_token_is_reported_as_stuck_and_settles_at_its_end()
    {
        await using var host = await StartAsync();
        var status = host.Services.GetRequiredService<SimmerStatus>();
        var handle = await host.Jobs.EnqueueAsync(new Work("a", Ignores: true), cancellationToken: Cancelled);
        await _bench.Started("a").WaitAsync();
        await handle.CancelAsync(cancellationToken: Cancelled);

        await _time.Passes(() => host.Log.Lines.Any(static l => l.EventId == 1016), "it is reported");
        await Until.True(() => handle.GetAsync(Cancelled).Result!.Stuck, "it is visible");
        status.StuckHandlers.ShouldBe(1);
        host.Log.Lines.Single(static l => l.EventId == 1016).Text.ShouldContain("Cancelled");

        _bench.Release("a");
        await handle.WaitAsync(Cancelled);

        (await handle.GetAsync(Cancelled))!.Stuck.ShouldBeFalse();
        await Until.True(() => status.StuckHandlers == 0, "it is counted off");
    }

    [Fact]
    public async Task A_handler_that_stops_in_time_is_not_reported()
    {
        await using var host = await StartAsync();
        var handle = await host.Jobs.EnqueueAsync(new Work("a"), cancellationToken: Cancelled);
        await _bench.Started("a").WaitAsync();

        await handle.CancelAsync(cancellationToken: Cancelled);
        await host.Jobs.WaitAsync(handle.Id, Cancelled);
        _time.Advance(TimeSpan.FromMinutes(1));

        host.Log.Lines.ShouldNotContain(static l => l.EventId == 1016);
    }

    private Task<EngineHost> StartAsync(Action<JobOptions>? options = null) =>
        EngineHost.StartAsync(s => _bench.AddTo(s, options), b => b.Services.AddSingleton<TimeProvider>(_time));
}
