using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Simmer.Hosting;
using Simmer.Storage;
using Simmer.Tests.Engine;

namespace Simmer.Tests.Execution;

/// <summary>A caller whose enqueue has an unknown outcome learns that the job may have been stored, and how to repeat the call. No caller
/// is told that nothing was written unless that is known.</summary>
public sealed class UnknownOutcomeTests
{
    private const int AnswerLost = 1022;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private readonly FakeTimeProvider _time = new(Some.Moment);
    private readonly ShakyStore _store = new();
    private readonly Bench _bench = new();

    private static readonly JobId s_given = new(new Guid("01970c9e-8a5c-7f3e-9c1b-2f6d1c0a7e55"));

    public static TheoryData<string> Ways =>
        ["one", "one with an id", "with a token", "many", "many of one", "a workflow", "a workflow with an id"];

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Whoever_lost_the_answer_is_told_what_may_be_stored_and_how_to_repeat_it(string way)
    {
        await using var host = await StartAsync();

        // The first attempt may have been committed; the later ones say for themselves that they wrote nothing.
        _store.LoseNextAnswer();
        _store.IsAwayAfter(1);
        var call = Enqueue(host, way);
        await Until.True(() => host.Log.Lines.Any(static l => l.EventId == AnswerLost), "its answer is lost");
        await _time.Passes(() => call.IsCompleted, "its caller is told");

        var told = await Should.ThrowAsync<StoreException>(call);
        (told.OutcomeUnknown, told.IsTransient).ShouldBe((true, true));
        told.Message.ShouldContain("may have been");
        told.Message.ShouldContain("EnqueueTimeout");
        told.Message.ShouldContain("The server is away.");
        told.ToString().ShouldNotContain("othing was");
        var stored = (await _store.Inner.Browser.ListAsync(new JobQuery(), Cancelled))[0];
        told.Message.ShouldContain(stored.Workflow is { } flow
            ? $"WorkflowOptions.Id = {flow}"
            : way == "many"
            ? "an id of its own (EnqueueOptions.Id)"
            : $"EnqueueOptions.Id = {stored.Id}");
        _store.ComesBack();
        await _time.Passes(() => _store.Flushes.Last().Sequence > 0 && host.Node.Durable!.Flusher.Rests is not null,
            "the store has answered");
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_store_that_does_not_come_back_keeps_nobody_beyond_the_time_limit(string way)
    {
        await using var host = await StartAsync();
        _store.Hold();
        var sent = Enqueue(host, way);
        await Until.True(() => _store.Flushes.Any(static f => f.Enqueues.Count + f.Workflows.Count > 0), "it is in flight");
        var waits = host.Jobs.EnqueueAsync(new Work("second"), cancellationToken: Cancelled);

        await _time.Passes(() => sent.IsCompleted && waits.IsCompleted, "both are told");

        _time.GetUtcNow().ShouldBeLessThan(Some.Moment + TimeSpan.FromSeconds(11));
        (await Should.ThrowAsync<StoreException>(sent)).OutcomeUnknown.ShouldBeTrue();
        var told = await Should.ThrowAsync<StoreException>(waits);
        (told.OutcomeUnknown, told.IsTransient).ShouldBe((false, true));
        told.Message.ShouldContain("is not stored");

        _store.Release();
        await host.Node.Durable!.Flusher.WhenIdle();
        (await _store.Inner.Browser.ListAsync(new JobQuery(), Cancelled)).ShouldNotBeEmpty("what was sent is stored");
        _store.Flushes.Any(static f => f.Enqueues.Any(e => e.Job.Payload.Span.IndexOf("second"u8) >= 0)).ShouldBeFalse();
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Whoever_stops_waiting_is_told_the_same(string way)
    {
        await using var host = await StartAsync();
        using var stop = new CancellationTokenSource();
        _store.Hold();
        var call = Enqueue(host, way, stop);
        await Until.True(() => _store.Flushes.Any(static f => f.Enqueues.Count + f.Workflows.Count > 0), "it is in flight");
        await stop.CancelAsync();

        var told = (await Record.ExceptionAsync(() => call)).ShouldBeOfType<OperationCanceledException>();

        told.CancellationToken.ShouldBe(stop.Token);
        told.Message.ShouldContain("may have been");
        told.Message.ShouldContain(way.StartsWith("a workflow", StringComparison.Ordinal) ? "WorkflowOptions.Id" : "EnqueueOptions.Id");
        _store.Release();
    }

    [Fact]
    public async Task An_enqueue_that_the_end_of_the_process_meets_after_a_lost_answer_is_not_told_as_refused()
    {
        await using var host = await StartAsync();
        _store.LoseRequests(1_000);
        var call = host.Jobs.EnqueueAsync(new Work("a"), new EnqueueOptions { Id = s_given }, Cancelled);
        await Until.True(() => host.Log.Lines.Any(static l => l.EventId == AnswerLost), "its answer is lost");
        var stopping = host.StopNowAsync();
        await _time.Passes(() => stopping.IsCompleted && call.IsCompleted, "the host ends", stepSeconds: 5);

        var told = await Should.ThrowAsync<StoreException>(call);

        told.OutcomeUnknown.ShouldBeTrue();
        told.Message.ShouldContain($"EnqueueOptions.Id = {s_given}");
    }

    [Fact]
    public async Task What_was_certainly_refused_is_told_as_refused()
    {
        await using var host = await StartAsync();
        _store.RefuseNext();

        var told = await Should.ThrowAsync<StoreException>(() => host.Jobs.EnqueueAsync(new Work("a"), cancellationToken: Cancelled));

        (told.OutcomeUnknown, told.Message).ShouldBe((false, "The disk is full."));
    }

    private static Task Enqueue(Ending host, string way, CancellationTokenSource? stop = null)
    {
        var cancellationToken = stop?.Token ?? CancellationToken.None;
        var flow = Chain.Of(new Work("a", Waits: false)).Then(new Work("b", Waits: false));
        return way switch
        {
            "one" => host.Jobs.EnqueueAsync(new Work("a", Waits: false), cancellationToken: cancellationToken),
            "one with an id" => host.Jobs.EnqueueAsync(new Work("a", Waits: false), new EnqueueOptions { Id = s_given }, cancellationToken),
            "with a token" => host.Jobs
                .EnqueueAsync(new Work("a", Waits: false),
                cancellationToken: cancellationToken.CanBeCanceled ? cancellationToken : Cancelled),
            "many" => host.Jobs.EnqueueManyAsync([new Work("a", Waits: false), new Work("b", Waits: false)],
                cancellationToken: cancellationToken),
            "many of one" => host.Jobs.EnqueueManyAsync([new Work("a", Waits: false)], cancellationToken: cancellationToken),
            "a workflow" => host.Jobs.EnqueueAsync(flow, cancellationToken: cancellationToken),
            _ => host.Jobs.EnqueueAsync(flow, new WorkflowOptions { Id = WorkflowId.For("order-1") }, cancellationToken),
        };
    }

    /// <summary>A store that comes back and a time that goes on let a host end, whatever a test found.</summary>
    private sealed class Ending(EngineHost host, UnknownOutcomeTests test) : IAsyncDisposable
    {
        public IJobClient Jobs => host.Jobs;

        public LogLines Log => host.Log;

        public SimmerNode Node => host.Node;

        public Task StopNowAsync() => host.StopNowAsync();

        public async ValueTask DisposeAsync()
        {
            test._store.ComesBack();
            test._store.Release();
            var disposing = host.DisposeAsync().AsTask();
            await test._time.Passes(() => disposing.IsCompleted, "the host ends", stepSeconds: 5);
            await disposing;
        }
    }

    // A host that only enqueues: nothing is claimed, and what is stored stays to be looked at.
    private async Task<Ending> StartAsync()
    {
        var host = await EngineHost.StartAsync(
            s => _bench.AddTo(s.UseStore("shaky", _ => _store).Configure(static o => o.Worker.Enabled = false)),
            b => b.Services.AddSingleton<TimeProvider>(_time));
        await host.Node.Durable!.Flusher.WhenIdle();
        return new Ending(host, this);
    }
}
