using Microsoft.Extensions.Logging;
using Simmer.Context;
using Simmer.Diagnostics;
using Simmer.Execution;
using Simmer.Execution.Intake;
using Simmer.Jobs;
using Simmer.Storage;

namespace Simmer.Upkeep;

/// <summary>Keeps this worker's lease, and reads with each beat what concerns it: cancels, ready queues, due jobs.</summary>
internal sealed class LeaseKeeper : BackgroundLoop
{
    private readonly IJobStore _store;
    private readonly WorkerRegistration _registration;
    private readonly LeaseDeadline _deadline;
    private readonly WorkerLoss _loss;
    private readonly RunCancels _cancels;
    private readonly QueueRunner _runner;
    private readonly AheadClaims _ahead;
    private readonly JobTable _table;
    private readonly FlushIntake _intake;
    private readonly DueTimes _due;
    private readonly UpkeepClock _clock;
    private readonly RescueExpired _rescue;
    private readonly TellUnknownKinds _unknown;

    // Suspend runs on the deadline's thread and Resume on the loop's. Without this lock a Resume could land between Suspend and StopAll,
    // and the stopped runs would never be resumed.
    private readonly Lock _doubt = new();
    private long _beatAt = long.MinValue;
    private bool _suspended;

    public LeaseKeeper(
        EngineContext context, IJobStore store, WorkerRegistration registration, LeaseDeadline deadline, WorkerLoss loss,
        RunCancels cancels, QueueRunner runner, AheadClaims ahead, JobTable table, FlushIntake intake, DueTimes due, UpkeepClock clock,
        RescueExpired rescue, TellUnknownKinds unknown)
        : base(context, "lease")
    {
        (_store, _registration, _deadline, _loss, _cancels) = (store, registration, deadline, loss, cancels);
        (_runner, _ahead, _table, _intake, _due) = (runner, ahead, table, intake, due);
        (_clock, _rescue, _unknown) = (clock, rescue, unknown);
        deadline.CallBack(LeaseInDoubt, BeatIsLate);
        loss.Lost += Wake;
    }

    /// <summary>The deadline of a worker's lease.</summary>
    public static LeaseDeadline DeadlineOf(TimeProvider time, TimeSpan lease) => new(time, Margin(lease), Beat(lease) * 4 / 3);

    /// <summary>When the lease was last confirmed, on the monotonic clock; null: not yet.</summary>
    public long? ConfirmedAt { get; private set; }

    /// <summary>A store that is back must hear from this worker before the lease is over.</summary>
    protected override TimeSpan LongestBackOff => Beat(Context.Options.Lease) / 2;

    public static TimeSpan Beat(TimeSpan lease) => lease / 3;

    public void StopDeadline() => _deadline.Dispose();

    // Handlers are told to stop well before another worker may take their jobs: a second, or less if the lease is short. Of the shortest
    // lease (3 s) a whole second would leave one beat, and every beat that is a few milliseconds late would stop all handlers.
    private static TimeSpan Margin(TimeSpan lease) => lease - Beat(lease) - TimeSpan.FromSeconds(Math.Min(1, lease.TotalSeconds / 15));

    protected override async ValueTask<TimeSpan> TurnAsync()
    {
        var worker = await _registration.GetAsync();
        var sent = Context.Time.GetTimestamp();
        var untilBeat = UntilBeat(sent);
        if (untilBeat > TimeSpan.Zero)
        {
            // Woken by a hint between two beats: polling writes nothing.
            var look = await _store.PollAsync(worker, Context.Now, Stopping);
            return look.Alive ? Applied(look, untilBeat) : Gone(worker);
        }

        var report = await _store.BeatAsync(new BeatRequest(worker, IdleQueues()), Context.Now, Stopping);
        _beatAt = sent;
        if (!report.Alive)
        {
            return Gone(worker);
        }

        Confirmed(sent);
        _clock.Heard(report.Time, sent);
        return Applied(report, Beat(Context.Options.Lease));
    }

    private TimeSpan Gone(WorkerId worker)
    {
        _beatAt = long.MinValue;
        _loss.WorkerGone(worker);
        return TimeSpan.Zero;
    }

    private TimeSpan Applied(BeatReport report, TimeSpan untilBeat)
    {
        Apply(report);
        return untilBeat < Context.Options.PollInterval ? untilBeat : Context.Options.PollInterval;
    }

    private TimeSpan UntilBeat(long now) => _beatAt == long.MinValue
        ? TimeSpan.Zero
        : Beat(Context.Options.Lease) - Context.Time.GetElapsedTime(_beatAt, now) - TimeSpan.FromMilliseconds(20);

    private void Confirmed(long sent)
    {
        ConfirmedAt = sent;
        _deadline.Confirm(sent);
        lock (_doubt)
        {
            if (!_suspended)
            {
                return;
            }

            _suspended = false;
            _runner.Resume();
        }

        _runner.MayHaveWork();
        Context.Logger.LeaseConfirmedAgain(_store.Name);
    }

    private void Apply(BeatReport report)
    {
        foreach (var token in report.Cancels)
        {
            _cancels.Cancel(token);
        }

        _runner.SetIdleElsewhere(report.IdleElsewhere);
        _runner.SetOlderPresent(report.Others.Any(static o => o.Lease is null));
        foreach (var queue in report.ReadyQueues)
        {
            _runner.Hint(queue);
        }

        if (report.ReadyQueues.Count > 0)
        {
            _intake.RequestFlush();
            _unknown.Seen(report.ReadyQueues);
        }

        _due.Tell(report.NextDue);
        _rescue.Seen(report.Others);
    }

    private List<string> IdleQueues() => [.. _runner.Queues.Where(static l => l.IsIdle).Select(static l => l.Name)];

    /// <summary>Called on the deadline's own thread when the loop has not sent a beat in time. Most likely handlers block the threads of
    /// the pool, which must not cost the lease. The other contents of the answer are left to the loop.</summary>
    private void BeatIsLate(TimeSpan untilDeadline)
    {
        if (_registration.Current is not { } worker)
        {
            return;
        }

        try
        {
            var sent = Context.Time.GetTimestamp();
            var beat = _store.BeatAsync(new BeatRequest(worker, IdleQueues()), Context.Now, Stopping).AsTask();
            if (beat.Wait(untilDeadline) && beat.Result.Alive)
            {
                _deadline.Confirm(sent);
            }
        }
        catch (Exception)
        {
            // Not logged: the loop meets the same error and logs it, and the deadline comes all the same.
        }
    }

    /// <summary>Called on the deadline's own thread: the store has not confirmed the lease in time.</summary>
    private void LeaseInDoubt()
    {
        lock (_doubt)
        {
            _suspended = true;
            _runner.Suspend();
            _runner.StopAll(StopReason.LeaseLost);
        }

        // Jobs that were claimed ahead must not start under a lease that may be over.
        _ahead.GiveBack(_ahead.TakeAll());
        Wake();

        // Logged last, because a log that stalls must not keep anything running.
        var running = _table.Count;
        Context.Logger.LeaseInDoubt(running > 0 ? LogLevel.Error : LogLevel.Warning, _store.Name, running);
    }
}
