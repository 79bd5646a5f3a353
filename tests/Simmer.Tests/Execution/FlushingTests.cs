using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Simmer.Enqueue;
using Simmer.Storage;
using Simmer.Tests.Engine;

namespace Simmer.Tests.Execution;

/// <summary>Batches form by themselves; whatever answer is lost, nothing is done twice and nothing is left behind.</summary>
public sealed class FlushingTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private readonly ShakyStore _store = new();
    private readonly Bench _bench = new();

    [Fact]
    public async Task What_comes_while_a_flush_is_in_flight_is_one_batch()
    {
        await using var host = await StartAsync();
        _store.Hold();
        var before = _store.Flushes.Count;
        var first = host.Jobs.EnqueueAsync(new Work("0", Waits: false), cancellationToken: Cancelled);
        await Until.True(() => _store.Flushes.Count > before, "the first is in flight");

        var rest = Enumerable.Range(1, 99).Select(i => host.Jobs.EnqueueAsync(new Work($"{i}", Waits: false), cancellationToken: Cancelled))
            .ToList();
        _store.Release();
        await Task.WhenAll([first, .. rest]);

        var flushes = _store.Flushes.Skip(before).Where(static f => f.Enqueues.Count > 0).ToList();
        flushes.Select(static f => f.Enqueues.Count).ShouldBe([1, 99]);
    }

    [Fact]
    public async Task A_batch_has_at_most_a_thousand_jobs_and_splits_no_call()
    {
        await using var host = await StartAsync();
        _store.Hold();
        var calls = Enumerable.Range(0, 5)
            .Select(c => host.Jobs.EnqueueManyAsync(Enumerable.Range(0, 400).Select(i => new Work($"{c}.{i}", Waits: false)),
            cancellationToken: Cancelled)).ToList();
        _store.Release();
        await Task.WhenAll(calls);

        _store.Flushes.ShouldAllBe(static f => f.Enqueues.Count <= 1_000 && f.Enqueues.Count % 400 == 0);
    }

    [Fact]
    [Trait("Rule", "14")]
    public async Task Two_operations_on_one_id_go_one_after_the_other()
    {
        await using var host = await StartAsync();
        var options = new EnqueueOptions { Id = new JobId(Guid.NewGuid()) };
        _store.Hold();
        var all = Enumerable.Range(0, 5).Select(_ => host.Jobs.EnqueueAsync(new Work("a", Waits: false), options, Cancelled)).ToList();
        _store.Release();
        var handles = await Task.WhenAll(all);

        handles.Count(static h => !h.IsDuplicate).ShouldBe(1);
        _store.Flushes.ShouldAllBe(static f => f.Enqueues.Select(e => e.Job.Id).Distinct().Count() == f.Enqueues.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Trait("Rule", "3")]
    public async Task A_flush_whose_answer_is_lost_is_repeated_under_its_number_and_takes_effect_once(bool committed)
    {
        await using var host = await StartAsync();
        for (var i = 0; i < 5; i++)
        {
            if (committed)
            {
                _store.LoseNextAnswer();
            }
            else
            {
                _store.LoseNextRequest();
            }

            var handle = await host.Jobs.EnqueueAsync(new Work($"{i}", Waits: false), cancellationToken: Cancelled);
            handle.IsDuplicate.ShouldBeFalse();
            await handle.WaitAsync(Cancelled);
        }

        _bench.Starts.ShouldBe(["0", "1", "2", "3", "4"]);
        _store.Flushes.Count(static f => f.IsRepeat).ShouldBe(5);
        foreach (var repeat in _store.Flushes.Where(static f => f.IsRepeat))
        {
            var first = _store.Flushes.First(f => f.Sequence == repeat.Sequence);
            (first.IsRepeat, first.Worker).ShouldBe((false, repeat.Worker));
            first.Enqueues.ShouldBe(repeat.Enqueues);
        }
    }

    [Fact]
    [Trait("Rule", "3")]
    public async Task A_refusal_after_a_lost_answer_does_not_pass_for_the_answer()
    {
        await using var host = await StartAsync();
        _store.LoseNextAnswer();
        _store.RefuseNext();

        // The store has the job as running here. If the engine took it for refused, it would neither run nor be given back.
        var id = new JobId(Guid.NewGuid());
        var refused = await Should
            .ThrowAsync<StoreException>(() => host.Jobs
            .EnqueueAsync(new Work("a", Waits: false), new EnqueueOptions { Id = id }, Cancelled));

        refused.OutcomeUnknown.ShouldBeTrue("the first attempt was committed");
        (await host.Jobs.WaitAsync(id, Cancelled))!.State.ShouldBe(JobState.Succeeded);
        _bench.Starts.ShouldBe(["a"]);
        _store.Flushes.Count(static f => f.IsRepeat).ShouldBe(2);
    }

    [Fact]
    [Trait("Rule", "5")]
    public async Task Jobs_claimed_in_a_lost_answer_are_adopted_and_the_queue_goes_on()
    {
        await using var host = await StartAsync(static q => (q.Concurrency, q.LocalDispatch) = (2, false));
        _store.Hold();
        var stored = host.Jobs.EnqueueManyAsync(Enumerable.Range(0, 20).Select(static i => new Work($"{i}", Waits: false)),
            cancellationToken: Cancelled);
        await Until.True(() => _store.Flushes.Any(static f => f.Enqueues.Count == 20), "they are in flight");

        // The enqueue is in one flush with claims that find them: in it all is decided, and it is lost.
        _store.LoseNextAnswer();
        _store.Release();
        await Task.WhenAll((await stored).Select(static h => h.WaitAsync(Cancelled)));

        _bench.Starts.OrderBy(int.Parse).ShouldBe(Enumerable.Range(0, 20).Select(static i => $"{i}"));
    }

    [Fact]
    [Trait("Rule", "3")]
    public async Task An_id_that_runs_here_already_is_not_started_again_when_the_answer_to_its_second_enqueue_is_lost()
    {
        await using var host = await StartAsync();
        var options = new EnqueueOptions { Id = new JobId(Guid.NewGuid()) };
        var first = await host.Jobs.EnqueueAsync(new Work("a"), options, Cancelled);
        await _bench.Started("a").WaitAsync();

        _store.LoseNextAnswer();
        await host.Jobs.EnqueueAsync(new Work("a"), options, Cancelled);
        await host.Node.Durable!.Flusher.WhenIdle();
        _bench.Release("a");
        await first.WaitAsync(Cancelled);

        _bench.Starts.ShouldBe(["a"]);
    }

    [Fact]
    [Trait("Rule", "5")]
    public async Task A_job_that_moves_from_the_list_ahead_to_the_table_while_the_owned_ones_are_looked_up_is_not_adopted()
    {
        await using var host = await StartAsync(static q => q.Concurrency = 1);
        var handle = await host.Jobs.EnqueueAsync(new Work("a"), cancellationToken: Cancelled);
        await _bench.Started("a").WaitAsync();
        var engine = host.Node.Durable!;
        var (run, line) = (engine.Table.Snapshot().Single(), engine.Runner.Queues.Single(static l => l.Name == "default"));
        line.TryStart(run.Claim, 0).ShouldBeFalse();

        // In neither place, as between two statements of the thread that moves it.
        engine.Table.Remove(run);
        line.TakeAhead(run.Claim.Token).ShouldNotBeNull();
        var adopting = engine.AdoptAsync();
        adopting.IsCompleted.ShouldBeFalse();
        engine.Table.Add(run);
        line.Arrived();
        await adopting;

        _bench.Release("a");
        await handle.WaitAsync(Cancelled);
        _bench.Starts.ShouldBe(["a"]);
        line.TakeAhead(run.Claim.Token).ShouldBeNull("it was not claimed a second time");
    }

    [Fact]
    [Trait("Rule", "2")]
    public async Task A_settlement_whose_answer_is_lost_is_not_a_lost_lease()
    {
        await using var host = await StartAsync();
        var handle = await host.Jobs.EnqueueAsync(new Work("a"), cancellationToken: Cancelled);
        await _bench.Started("a").WaitAsync();

        _store.LoseNextAnswer();
        _bench.Release("a");
        await handle.WaitAsync(Cancelled);
        await host.Node.Durable!.Flusher.WhenIdle();

        host.Log.Lines.ShouldNotContain(static l => l.EventId == 1014);
    }

    [Fact]
    public async Task When_the_store_refuses_enqueues_are_told_and_settlements_are_kept_and_sent_again()
    {
        await using var host = await StartAsync();
        var running = await host.Jobs.EnqueueAsync(new Work("a"), cancellationToken: Cancelled);
        await _bench.Started("a").WaitAsync();

        _store.Hold();
        var plug = host.Jobs.EnqueueAsync(new Work("plug", Waits: false), cancellationToken: Cancelled);
        await Until.True(() => _store.Flushes.Any(static f => f.Enqueues.Any(e => e.Job.Payload.ToArray().AsSpan().IndexOf("plug"u8) >= 0)),
            "a flush is in flight");
        _bench.Release("a");
        await Until.True(() => host.Node.Durable!.Table.Count == 0, "its settlement waits");
        var refused = host.Jobs.EnqueueAsync(new Work("refused"), cancellationToken: Cancelled);
        _store.RefuseNext();
        _store.RefuseNext();
        _store.Release();

        (await Should.ThrowAsync<StoreException>(plug)).Message.ShouldBe("The disk is full.");
        (await Should.ThrowAsync<StoreException>(refused)).Message.ShouldBe("The disk is full.");
        await running.WaitAsync(Cancelled);
        _bench.Starts.ShouldBe(["a"]);

        // No slot was lost.
        var more = await host.Jobs
            .EnqueueManyAsync(Enumerable.Range(0, 16).Select(static i => new Work($"m{i}")), cancellationToken: Cancelled);
        await Until.True(() => _bench.Running == 16, "all slots are used");
        foreach (var i in Enumerable.Range(0, 16))
        {
            _bench.Release($"m{i}");
        }

        await Task.WhenAll(more.Select(static h => h.WaitAsync(Cancelled)));
    }

    [Fact]
    public async Task A_caller_is_not_kept_for_ever_by_a_store_that_does_not_answer()
    {
        var time = new FakeTimeProvider(Some.Moment);
        await using var host = await StartAsync(host: b => b.Services.AddSingleton<TimeProvider>(time));
        foreach (var _ in Enumerable.Range(0, 12))
        {
            _store.LoseNextRequest();
        }

        var sent = host.Jobs.EnqueueAsync(new Work("sent", Waits: false), cancellationToken: Cancelled);
        await Until.True(() => host.Log.Lines.Any(static l => l.EventId == 1022), "its answer is lost");
        var waits = host.Jobs.EnqueueAsync(new Work("waits", Waits: false), cancellationToken: Cancelled);
        await time.Passes(() => sent.IsCompleted && waits.IsCompleted, "both are told");

        (await Should.ThrowAsync<StoreException>(sent)).OutcomeUnknown.ShouldBeTrue();
        var told = await Should.ThrowAsync<StoreException>(waits);
        (told.OutcomeUnknown, told.IsTransient).ShouldBe((false, true));
        told.Message.ShouldContain("EnqueueTimeout");

        // The flush that was sent goes on until its outcome is known.
        await time.Passes(() => _bench.Started("sent").IsSet, "it runs");
        _bench.Started("waits").IsSet.ShouldBeFalse();
    }

    [Fact]
    public async Task Calls_that_have_to_wait_are_not_all_gone_through_for_every_batch()
    {
        const int Many = 3_000;
        await using var host = await StartAsync();
        var engine = host.Node.Durable!;
        var options = new EnqueueOptions { Id = new JobId(Guid.NewGuid()), Delay = TimeSpan.FromDays(1) };
        var asked = 0L;
        _store.Hold();

        // Each waits for the one before it, for they have one id.
        var calls = Enumerable.Range(0, Many)
            .Select(_ =>
            new ManyEnqueue(new Counted([host.Node.Drafts.Make(new Work("a"), options, host.Node.Context.Catalog.Of(new Work("a")))],
                () => Interlocked.Increment(ref asked)))).ToList();
        calls.ForEach(engine.Intake.Enqueue);
        _store.Release();
        await Task.WhenAll(calls.Select(static c => c.Task));

        _store.Flushes.Count(static f => f.Enqueues.Count > 0).ShouldBe(Many);
        asked.ShouldBeLessThan(Many * 1_000L, "the sizes of calls that were asked for: the square would be nine million and more");
    }

    [Fact]
    public async Task What_fits_goes_past_what_does_not_and_the_order_of_the_others_stays()
    {
        await using var host = await StartAsync();
        var before = _store.Flushes.Count;
        _store.Hold();
        var plug = host.Jobs.EnqueueAsync(new Work("plug", Waits: false), cancellationToken: Cancelled);
        await Until.True(() => _store.Flushes.Count > before, "the first is in flight");
        var calls = new[] { 700, 400, 200, 500, 100 }
            .Select((count, c) => host.Jobs
                .EnqueueManyAsync(Enumerable.Range(0, count).Select(i => new Work($"{c}.{i}", Waits: false)),
                new EnqueueOptions { Delay = TimeSpan.FromDays(1) }, Cancelled)).ToList();
        _store.Release();
        await Task.WhenAll([plug, .. calls]);

        _store.Flushes.Skip(before + 1).Where(static f => f.Enqueues.Count > 0).Select(static f => f.Enqueues.Count).ShouldBe([1_000, 900]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Whoever_stops_waiting_for_an_unknown_job_is_let_go_while_a_flush_hangs(bool watches)
    {
        await using var host = await StartAsync();
        using var stop = new CancellationTokenSource();
        var before = _store.Flushes.Count;
        _store.Hold();
        var hangs = host.Jobs.EnqueueAsync(new Work("a", Waits: false), cancellationToken: Cancelled);
        await Until.True(() => _store.Flushes.Count > before, "a flush hangs");
        var (id, reads) = (new JobId(Guid.NewGuid()), _store.Reads.Read);
        var waits = watches ? host.Jobs.WatchAsync(id, cancellationToken: stop.Token).GetAsyncEnumerator(stop.Token).MoveNextAsync()
            .AsTask() : (Task)host.Jobs.WaitAsync(id, stop.Token);
        await Until.True(() => _store.Reads.Read > reads, "it was looked for");
        waits.IsCompleted.ShouldBeFalse("the answer may tell of it");

        await stop.CancelAsync();

        (await Record.ExceptionAsync(() => waits.WaitAsync(TimeSpan.FromSeconds(30), Cancelled)))
            .ShouldBeAssignableTo<OperationCanceledException>();
        _store.Release();
        await hangs;
        (await host.Jobs.WaitAsync(id, Cancelled)).ShouldBeNull();
    }

    [Fact]
    public async Task What_goes_on_apart_is_not_told_as_overdue_while_the_common_way_hangs()
    {
        var time = new FakeTimeProvider(Some.Moment);
        await using var host = await StartAsync(host: b => b.Services.AddSingleton<TimeProvider>(time));
        var (apart, answer, adopt, adopting) = (new Signal(), new Signal(), new Signal(), new Signal());
        _store.BeforeOwnedAnswers.Enqueue(() =>
        {
            adopting.Set();
            return adopt.WaitAsync(Cancelled);
        });
        _store.AnswerNext(static _ => Task
            .FromResult(new FlushReport { WasRepeat = true, Enqueues = [default],
            Blocked = new BlockedOperations { Enqueues = new HashSet<int> { 0 } } }));
        _store.AnswerNext(async flush =>
        {
            apart.Set();
            await answer.WaitAsync(Cancelled);
            return new FlushReport { Enqueues = [new EnqueueReport(EnqueueStatus.Stored, flush.Enqueues[0].Job.Id, JobState.Ready)] };
        });

        var call = host.Jobs.EnqueueAsync(new Work("a", Waits: false), cancellationToken: Cancelled);
        await Task.WhenAll(apart.WaitAsync(), adopting.WaitAsync());
        await time.Passes(() => time.GetUtcNow() > Some.Moment + host.Node.Context.Options.EnqueueTimeout + TimeSpan.FromSeconds(0.5),
            "the time of callers is over");
        answer.Set();
        adopt.Set();

        (await call).State.ShouldBe(JobState.Ready);
    }

    [Fact]
    public async Task A_store_that_names_one_refusal_twice_does_not_end_the_loop()
    {
        await using var host = await StartAsync();
        await host.Jobs.EnqueueAsync(new Work("a"), cancellationToken: Cancelled);
        await _bench.Started("a").WaitAsync();
        await host.Node.Durable!.Flusher.WhenIdle();
        _store.AnswerNext(static flush =>
        {
            var refusal = new Refusal(flush.Settlements[0].Token, new StoreException("not this one"));
            return Task
                .FromResult(new FlushReport { Settlements = [new SettleReport(false, JobState.Running)], Refusals = [refusal, refusal] });
        });

        _bench.Release("a");

        await Until.True(() => host.Log.Lines
            .Any(static l => l.Text.Contains("not this one", StringComparison.Ordinal) || l.Exception?.Message
            .Contains("not this one", StringComparison.Ordinal) == true), "it is told");
        await (await host.Jobs.EnqueueAsync(new Work("b", Waits: false), cancellationToken: Cancelled)
            .WaitAsync(TimeSpan.FromSeconds(30), Cancelled)).WaitAsync(Cancelled);
    }

    [Fact]
    public async Task A_store_whose_answer_does_not_fit_its_flush_does_not_end_the_loop()
    {
        await using var host = await StartAsync();
        _store.ChangeNextAnswer(static _ => new FlushReport());

        var told = await Should.ThrowAsync<StoreException>(() => host.Jobs
            .EnqueueAsync(new Work("a", Waits: false), cancellationToken: Cancelled).WaitAsync(TimeSpan.FromSeconds(30), Cancelled));

        told.OutcomeUnknown.ShouldBeTrue();
        told.Message.ShouldContain("cannot be understood");
        await (await host.Jobs.EnqueueAsync(new Work("b", Waits: false), cancellationToken: Cancelled)
            .WaitAsync(TimeSpan.FromSeconds(30), Cancelled)).WaitAsync(Cancelled);
    }

    /// <summary>Jobs of one call, with a count of how often their number is asked for.</summary>
    private sealed class Counted(IReadOnlyList<JobDraft> jobs, Action asked) : IReadOnlyList<JobDraft>
    {
        public JobDraft this[int index] => jobs[index];

        public int Count
        {
            get
            {
                asked();
                return jobs.Count;
            }
        }

        public IEnumerator<JobDraft> GetEnumerator() => jobs.GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }

    private async Task<EngineHost> StartAsync(Action<QueueOptions>? queue = null,
        Action<Microsoft.Extensions.Hosting.HostApplicationBuilder>? host = null)
    {
        var started = await EngineHost.StartAsync(s => _bench.AddTo(s.UseStore("shaky", _ => _store).AddQueue("default", queue)), host);

        // The first claim is a flush too. It must be over before the test holds one.
        await started.Node.Durable!.Flusher.WhenIdle();
        return started;
    }
}
