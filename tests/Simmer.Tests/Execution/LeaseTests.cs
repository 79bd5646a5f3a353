using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Simmer.Storage;
using Simmer.Tests.Engine;

namespace Simmer.Tests.Execution;

/// <summary>Two nodes on one store, under one clock.</summary>
public sealed class LeaseTests
{
    private static readonly TimeSpan s_lease = TimeSpan.FromSeconds(15);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private readonly ShakyStore _store = new();
    private readonly FakeTimeProvider _time = new(Some.Moment);
    private readonly Bench _here = new();
    private readonly Bench _there = new();

    [Fact]
    [Trait("Rule", "8")]
    public async Task A_worker_that_stops_beating_is_rescued_and_not_sooner_than_the_lease()
    {
        await using var a = await StartAsync(_here);
        await using var b = await StartAsync(_there);
        var handle = await a.Jobs.EnqueueAsync(new Work("x", Ignores: true), cancellationToken: Cancelled);
        await _here.Started("x").WaitAsync();

        var silent = _time.GetUtcNow();
        Silence(a);
        await _time.Passes(() => _there.Started("x").IsSet, "another worker runs it");

        (_time.GetUtcNow() - silent).ShouldBeGreaterThanOrEqualTo(s_lease - (s_lease / 3));
        (await handle.GetAsync(Cancelled))!.StartedAt!.Value.ShouldBeGreaterThanOrEqualTo(Some.Moment + s_lease);

        // Told to stop well before, it ended at last: its word does not count any more.
        await Until.True(() => a.Log.Lines.Any(static l => l.EventId == 1025), "its lease was in doubt");
        _here.Release("x");
        _there.Release("x");
        var job = (await _time.Passes(b.Jobs.WaitAsync(handle.Id, Cancelled), "it ends"))!;
        (job.State, job.Run, job.Attempt).ShouldBe((JobState.Succeeded, 2, 1));
        job.Errors.ShouldHaveSingleItem().Type.ShouldBe(ErrorTypes.LeaseLost);
        await _time.Passes(() => a.Log.Lines.Any(static l => l.EventId == 1014), "the late word is refused and logged");
    }

    [Fact]
    [Trait("Rule", "9")]
    public async Task A_handler_that_obeys_stops_before_anybody_may_take_its_job()
    {
        await using var a = await StartAsync(_here);
        await using var b = await StartAsync(_there);
        await a.Jobs.EnqueueAsync(new Work("x"), cancellationToken: Cancelled);
        await _here.Started("x").WaitAsync();

        Silence(a);
        await _time.Passes(() => _here.Running == 0, "it is told to stop");

        _there.Started("x").IsSet.ShouldBeFalse();
        (_time.GetUtcNow() - Some.Moment).ShouldBeLessThan(s_lease);
    }

    [Fact]
    [Trait("Rule", "9")]
    public async Task A_worker_that_registered_anew_and_is_never_heard_stops_its_handlers_in_time_as_well()
    {
        await using var a = await StartAsync(_here);
        await a.Jobs.EnqueueAsync(new Work("x"), cancellationToken: Cancelled);
        await _here.Started("x").WaitAsync();
        Silence(a);
        _store.Silenced[a.Node.Durable!.Registered!.Value.Value + 1] = true;
        await _time.Passes(() => _here.Running == 0, "its lease is in doubt");

        await DeclareDeadAsync(a);
        await a.Jobs.EnqueueAsync(new Work("y"), cancellationToken: Cancelled);
        await Until.True(() => _here.Running == 2, "both run, under the new number");
        var again = _time.GetUtcNow();
        await _time.Passes(() => _here.Running == 0, "it is told to stop");

        (_time.GetUtcNow() - again).ShouldBeLessThan(s_lease);
    }

    [Fact]
    [Trait("Rule", "4")]
    public async Task What_a_late_answer_brings_is_not_run_by_a_worker_that_was_declared_dead_meanwhile()
    {
        await using var a = await StartAsync(_here);
        await a.Node.Durable!.Flusher.WhenIdle();
        var arrives = _store.DelayNextAnswer();
        var stored = a.Jobs.EnqueueAsync(new Work("x", Waits: false), cancellationToken: Cancelled);
        await Until.True(() => _store.Inner.Browser.CountAsync(Cancelled).Result.Any(static c => c.State == JobState.Running),
            "it was dispatched, and nobody knows yet");
        var dead = a.Node.Durable.Registered;

        await DeclareDeadAsync(a);
        await Until.True(() => a.Node.Durable.Registered is { } anew && anew != dead, "it has registered anew");
        arrives.Set();
        await (await stored).WaitAsync(Cancelled);
        await a.Node.Durable.Flusher.WhenIdle();

        _here.Starts.ShouldBe(["x"]);
    }

    [Fact]
    [Trait("Rule", "9")]
    public async Task A_confirmation_that_comes_while_a_doubt_is_told_ends_the_doubt()
    {
        await using var a = await StartAsync(_here, realTime: true, lease: TimeSpan.FromSeconds(3));
        await (await a.Jobs.EnqueueAsync(new Work("before", Waits: false), cancellationToken: Cancelled)).WaitAsync(Cancelled);
        a.Log.Heard = line =>
        {
            if (line.EventId == 1025)
            {
                _store.Silenced.Clear();
                SpinWait.SpinUntil(() => HasSaid(a, 1026), TimeSpan.FromSeconds(20)).ShouldBeTrue("the loop beats beside it");
            }
        };
        Silence(a);
        await Until.True(() => HasSaid(a, 1026), "the lease is confirmed again");

        var handle = await a.Jobs.EnqueueAsync(new Work("after"), cancellationToken: Cancelled);
        await _here.Started("after").WaitAsync();
        await (await a.Jobs.EnqueueAsync(new Work("beside", Waits: false), cancellationToken: Cancelled)).WaitAsync(Cancelled);
        _here.Release("after");

        await handle.WaitAsync(Cancelled);
        string.Join(" ", _here.Starts).ShouldBe("before after beside", "it was not told to stop, and given back");
    }

    [Fact]
    [Trait("Rule", "9")]
    public async Task A_worker_whose_very_first_beat_does_not_arrive_stops_its_handlers_too()
    {
        // The registration began its lease.
        foreach (var worker in Enumerable.Range(0, 10))
        {
            _store.Silenced[worker] = true;
        }

        await using var a = await StartAsync(_here);
        await a.Jobs.EnqueueAsync(new Work("x"), cancellationToken: Cancelled);
        await _here.Started("x").WaitAsync();

        await _time.Passes(() => _here.Running == 0, "it is told to stop");

        (_time.GetUtcNow() - Some.Moment).ShouldBeLessThan(s_lease);
    }

    [Fact]
    public async Task While_the_lease_is_in_doubt_nothing_starts_and_then_all_goes_on()
    {
        await using var a = await StartAsync(_here, queue: static q => q.Concurrency = 1);
        await a.Jobs.EnqueueAsync(new Work("x"), cancellationToken: Cancelled);
        await _here.Started("x").WaitAsync();
        Silence(a);
        await _time.Passes(() => a.Log.Lines.Any(static l => l.EventId == 1025), "the lease is in doubt");

        var later = await a.Jobs.EnqueueAsync(new Work("y", Waits: false), cancellationToken: Cancelled);
        await a.Node.Durable!.Flusher.WhenIdle();
        _here.Started("y").IsSet.ShouldBeFalse();

        _store.Silenced.Clear();
        _here.Release("x");
        await _time.Passes(a.Jobs.WaitAsync(later.Id, Cancelled), "it goes on");
        await Until.True(() => a.Log.Lines.Any(static l => l.EventId == 1026), "it is logged");
    }

    [Theory]
    [InlineData(true, LogLevel.Error)]
    [InlineData(false, LogLevel.Warning)]
    public async Task A_doubt_is_an_error_only_where_it_stops_something(bool runs, LogLevel level)
    {
        await using var a = await StartAsync(_here);
        var handle = await a.Jobs.EnqueueAsync(new Work("x", Waits: runs), cancellationToken: Cancelled);
        await _here.Started("x").WaitAsync();
        if (!runs)
        {
            await _time.Passes(a.Jobs.WaitAsync(handle.Id, Cancelled), "it ends");
            await a.Node.Durable!.Table.WhenEmpty();
        }

        Silence(a);
        await _time.Passes(() => HasSaid(a, 1025), "the lease is in doubt");

        a.Log.Lines.First(static l => l.EventId == 1025).Level.ShouldBe(level);
    }

    [Fact]
    [Trait("Rule", "4")]
    public async Task A_worker_declared_dead_stops_its_handlers_and_registers_anew_once()
    {
        await using var a = await StartAsync(_here);
        await a.Jobs.EnqueueAsync(new Work("x"), cancellationToken: Cancelled);
        await _here.Started("x").WaitAsync();
        var old = a.Node.Durable!.Registered!.Value;

        await _store.Inner.DeregisterAsync(old, _time.GetUtcNow(), Cancelled);
        await _time.Passes(() => _here.Starts.Count == 2, "the job runs again");

        _here.Running.ShouldBeLessThanOrEqualTo(2);
        a.Node.Durable!.Registered!.Value.ShouldNotBe(old);
        (await _store.Inner.Browser.WorkersAsync(_time.GetUtcNow(), Cancelled)).Count.ShouldBe(1);
        a.Log.Lines.Count(static l => l.EventId == 1024).ShouldBe(1);
        _here.Release("x");
    }

    [Fact]
    [Trait("Rule", "12")]
    public async Task A_cancel_from_another_node_reaches_a_running_handler()
    {
        await using var a = await StartAsync(_here);
        await using var b = await StartAsync(_there);
        var handle = await a.Jobs.EnqueueAsync(new Work("x"), cancellationToken: Cancelled);
        await _here.Started("x").WaitAsync();

        (await b.Jobs.CancelAsync(handle.Id, "from afar", Cancelled)).ShouldBe(CancelResult.Requested);
        var job = (await _time.Passes(b.Jobs.WaitAsync(handle.Id, Cancelled), "it stops"))!;

        (job.State, job.Reason).ShouldBe((JobState.Cancelled, "from afar"));
    }

    [Fact]
    [Trait("Rule", "5")]
    public async Task What_a_worker_owned_before_it_was_declared_dead_is_not_adopted_after_it()
    {
        await using var a = await StartAsync(_here);
        var before = await a.Node.Durable!.RegisteredAsync();
        _store.BeforeOwnedAnswers.Enqueue(static () => Task.CompletedTask);
        _store.BeforeOwnedAnswers.Enqueue(async () =>
        {
            // The second answer, on its way, says that the job is owned still; now it is taken.
            await DeclareDeadAsync(a);
            await Until.True(() => a.Node.Durable.Registered is { } now && now != before, "it registers anew");
        });

        _store.LoseNextAnswer();
        var handle = await _time.Passes(a.Jobs.EnqueueAsync(new Work("x", Waits: false), cancellationToken: Cancelled), "it is stored");
        var job = (await _time.Passes(a.Jobs.WaitAsync(handle.Id, Cancelled), "it ends"))!;
        await a.Node.Durable.Flusher.WhenIdle();
        await a.Node.Durable.Table.WhenEmpty();

        _store.BeforeOwnedAnswers.ShouldBeEmpty();
        (job.State, job.Run).ShouldBe((JobState.Succeeded, 2));
        a.Log.Lines.Count(static l => l.EventId == 1010).ShouldBe(1, "it was started once");
    }

    [Fact]
    [Trait("Rule", "10")]
    public async Task A_job_that_keeps_ending_its_worker_ends_as_poison_and_its_neighbours_do_not()
    {
        JobId poison, neighbour;
        await using (var first = await StartAsync(_here))
        {
            poison = (await first.Jobs
                .EnqueueAsync(new Work("poison"), new EnqueueOptions { MaxAttempts = 2, Delay = TimeSpan.FromHours(1) }, Cancelled)).Id;
            neighbour = (await first.Jobs
                .EnqueueAsync(new Work("neighbour", Waits: false), new EnqueueOptions { MaxAttempts = 1, Delay = TimeSpan.FromHours(1) },
                Cancelled)).Id;
        }

        // Workers take both and die, as the store sees it; at last only the killer is left to blame.
        _time.Advance(TimeSpan.FromHours(2));
        await _store.PromoteDueAsync(10, _time.GetUtcNow(), Cancelled);
        await DieWith(2, mayTakeSuspect: false);
        await DieWith(1, mayTakeSuspect: true);
        await DieWith(1, mayTakeSuspect: true);

        await using var b = await StartAsync(_there);
        var job = (await _time.Passes(b.Jobs.WaitAsync(poison, Cancelled), "it ends"))!;
        (await _time.Passes(b.Jobs.WaitAsync(neighbour, Cancelled), "its neighbour ends"))!.State.ShouldBe(JobState.Succeeded);

        (job.State, job.Errors[^1].Type).ShouldBe((JobState.Failed, ErrorTypes.Poison));
        _there.Started("poison").IsSet.ShouldBeFalse();
    }

    [Fact]
    [Trait("Rule", "10")]
    public async Task Suspects_run_beside_each_other_as_far_as_their_level_allows_and_the_next_starts_when_one_ends()
    {
        await EnqueueAndDieAsync(4);
        await using var b = await StartAsync(_there, queue: static q => q.Concurrency = 4);
        await _time.Passes(() => _there.Running == 3, "three may be together where there are four slots");
        b.Node.Durable!.Runner.HintAll();
        b.Node.Durable.Intake.RequestFlush();
        await b.Node.Durable.Flusher.WhenIdle();

        _there.Starts.Count.ShouldBe(3);
        _there.Release(_there.Starts.First());
        await _time.Passes(() => _there.Starts.Count == 4, "the fourth takes the place of the first");
        _there.Starts.ToList().ForEach(_there.Release);
        await _time.Passes(() => _there.Running == 0, "they end");
        _there.Most.ShouldBe(3);
    }

    [Fact]
    [Trait("Rule", "10")]
    public async Task While_a_worker_is_there_that_does_not_say_its_lease_suspects_run_one_by_one()
    {
        await EnqueueAndDieAsync(4);
        _ = await _store.RegisterAsync(new WorkerInfo("older", ["default"], []), _time.GetUtcNow(), Cancelled);
        await using var b = await StartAsync(_there, queue: static q => q.Concurrency = 4);
        for (var i = 1; i <= 4; i++)
        {
            await Until.True(() => _there.Starts.Count == i, $"number {i} starts");
            _there.Release(_there.Starts.Last());
        }

        _there.Most.ShouldBe(1);
    }

    [Fact]
    [Trait("Rule", "9")]
    public async Task Handlers_go_by_the_lease_of_their_own_worker_and_so_does_one_that_has_a_shorter_one_and_takes_their_jobs()
    {
        var patient = TimeSpan.FromSeconds(60);
        await using var a = await StartAsync(_here, lease: patient);
        await using var b = await StartAsync(_there, lease: TimeSpan.FromSeconds(6));
        await a.Jobs.EnqueueAsync(new Work("obeys"), cancellationToken: Cancelled);
        await a.Jobs.EnqueueAsync(new Work("ignores", Ignores: true), cancellationToken: Cancelled);
        await _here.Started("obeys").WaitAsync();
        await _here.Started("ignores").WaitAsync();

        var silent = _time.GetUtcNow();
        Silence(a);
        await _time.Passes(() => _here.Running == 1, "it is told to stop");
        (_time.GetUtcNow() - silent).ShouldBeGreaterThan(patient / 2, "not by the lease of the other");
        _there.Started("ignores").IsSet.ShouldBeFalse();

        await _time.Passes(() => _there.Started("ignores").IsSet, "it runs elsewhere");
        (_time.GetUtcNow() - Some.Moment).ShouldBeGreaterThanOrEqualTo(patient);
        _here.Release("ignores");
        _there.Release("ignores");
    }

    [Fact]
    public async Task A_suspect_gets_its_turn_where_jobs_are_claimed_ahead_without_a_pause()
    {
        await using (var first = await StartAsync(_here, start: false))
        {
            await first.Jobs.EnqueueAsync(new Work("suspect", Waits: false), cancellationToken: Cancelled);
        }

        await DieWith(1, mayTakeSuspect: false);
        await using var b = await StartAsync(_there, queue: static q => (q.Concurrency, q.LocalDispatch) = (1, false), realTime: true);
        using var enough = new CancellationTokenSource();
        var stream = Task.Run(async () =>
        {
            for (var i = 0; !enough.IsCancellationRequested; i++)
            {
                await b.Jobs.EnqueueManyAsync(Enumerable.Range(0, 50).Select(n => new Work($"{i}.{n}", Waits: false)),
                    cancellationToken: Cancelled);
            }
        }, Cancelled);

        await _there.Started("suspect").WaitAsync();
        enough.Cancel();
        await stream;
    }

    /// <summary>So many jobs were running in a worker with as many slots, which died.</summary>
    private async Task EnqueueAndDieAsync(int count)
    {
        await using (var first = await StartAsync(_here, start: false))
        {
            await first.Jobs.EnqueueManyAsync(Enumerable.Range(0, count).Select(static n => new Work($"{n}")),
                cancellationToken: Cancelled);
        }

        await DieWith(count, mayTakeSuspect: false, slots: count);
    }

    /// <summary>A worker claims and is never heard of again.</summary>
    private async Task DieWith(int count, bool mayTakeSuspect, int? slots = null)
    {
        var now = _time.GetUtcNow();
        var worker = await _store.RegisterAsync(new WorkerInfo("victim", ["default"], []) { Slots = slots }, now, Cancelled);
        var report = await _store.Inner.FlushAsync(
            new Flush { Worker = worker, Sequence = 1, Kinds = ["work"], Claims = [new ClaimRequest("default", count, count)],
                Suspects = new SuspectRoom(mayTakeSuspect ? 1 : 0) }, now, Cancelled);
        report.Claims.Count.ShouldBe(count);
        _time.Advance(s_lease * 2);
        var rescue = await _store
            .RescueAsync(new RescueRequest([(worker, 0)], s_lease, false), _time.GetUtcNow(), Cancelled);
        rescue.Rescued.Count.ShouldBe(count);
    }

    private static bool HasSaid(EngineHost host, int eventId) => host.Log.Lines.Any(line => line.EventId == eventId);

    private void Silence(EngineHost host) => _store.Silenced[host.Node.Durable!.Registered!.Value.Value] = true;

    /// <summary>Its jobs are taken, as by another worker, and it learns of it.</summary>
    private async Task DeclareDeadAsync(EngineHost host)
    {
        var worker = (await _store.Inner.Browser.WorkersAsync(_time.GetUtcNow(), Cancelled))
            .Single(w => w.Id == host.Node.Durable!.Registered);
        await _store.Inner
            .RescueAsync(new RescueRequest([(worker.Id, worker.Beats)], TimeSpan.Zero, SweepOrphans: false),
            _time.GetUtcNow(), Cancelled);
        host.Node.Durable!.Leases!.Wake();
    }

    private Task<EngineHost> StartAsync(Bench bench, Action<QueueOptions>? queue = null, bool start = true, bool realTime = false,
        TimeSpan? lease = null) => EngineHost.StartAsync(
        s => bench.AddTo(s.UseStore("shaky", _ => _store).AddQueue("default", queue).Configure(o =>
        {
            o.Lease = lease ?? s_lease;
            o.Worker.Enabled = start;
        })),
        b =>
        {
            if (!realTime)
            {
                b.Services.AddSingleton<TimeProvider>(_time);
            }
        });
}
