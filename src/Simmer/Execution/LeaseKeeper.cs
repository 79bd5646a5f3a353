using Microsoft.Extensions.Logging;
using Simmer.Diagnostics;
using Simmer.Jobs;
using Simmer.Storage;

namespace Simmer.Execution;

/// <summary>Keeps this worker's lease, and reads with each beat what concerns it: cancels, ready queues, due jobs.</summary>
internal sealed class LeaseKeeper : BackgroundLoop
{
    private readonly StoreEngine _engine;
    private readonly LeaseDeadline _deadline;

    // A doubt is told from the deadline's thread, and ended from the loop's: one whole after the other. Where they mixed, the runner was
    // told to go on and then to stop every run, and nobody ended that again.
    private readonly Lock _doubt = new();
    private long _beatAt = long.MinValue;
    private bool _suspended;

    public LeaseKeeper(StoreEngine engine)
        : base(engine.Context, "lease")
    {
        _engine = engine;
        var lease = engine.Context.Options.Lease;
        _deadline = new LeaseDeadline(engine.Context.Time, Margin(lease), LeaseInDoubt, Beat(lease) * 4 / 3, BeatIsLate);
    }

    /// <summary>When the lease was last confirmed, on the monotonic clock; null: not yet.</summary>
    public long? ConfirmedAt { get; private set; }

    /// <summary>Whether the time is over by which the lease had to be confirmed again: nothing may begin under it, also when nobody has
    /// been told yet.</summary>
    public bool MayBeOver => _deadline.HasPassed;

    /// <summary>The same at a time on the monotonic clock.</summary>
    public bool MayBeOverAt(long timestamp) => _deadline.HasPassedAt(timestamp);

    /// <summary>A store that is back must hear from this worker before the lease is over.</summary>
    protected override TimeSpan LongestBackOff => Beat(Context.Options.Lease) / 2;

    public static TimeSpan Beat(TimeSpan lease) => lease / 3;

    /// <summary>The registration began the lease: handlers may run before the first beat, which may never arrive.</summary>
    public void Registered(long sent) => _deadline.Confirm(sent);

    /// <summary>The registration is gone: until the next one there is no lease that could be over.</summary>
    public void Lost() => _deadline.Forget();

    public void StopDeadline() => _deadline.Dispose();

    // The handlers stop well before anybody may take their jobs: a second, or less where the lease is short. A whole second of the shortest
    // lease (3 s) would leave one beat, and every beat that is late by a few milliseconds would stop all handlers.
    private static TimeSpan Margin(TimeSpan lease) => lease - Beat(lease) - TimeSpan.FromSeconds(Math.Min(1, lease.TotalSeconds / 15));

    protected override async ValueTask<TimeSpan> TurnAsync()
    {
        var worker = await _engine.RegisteredAsync();
        var sent = Context.Time.GetTimestamp();
        var untilBeat = UntilBeat(sent);
        if (untilBeat > TimeSpan.Zero)
        {
            // Woken by a hint between two beats: a look costs no write.
            var look = await _engine.Store.PollAsync(worker, Context.Now, Stopping);
            return look.Alive ? Applied(look, untilBeat) : Gone(worker);
        }

        var report = await _engine.Store.BeatAsync(new BeatRequest(worker, IdleQueues()), Context.Now, Stopping);
        _beatAt = sent;
        if (!report.Alive)
        {
            return Gone(worker);
        }

        Confirmed(sent);
        _engine.Clock.Heard(report.Time, sent);
        return Applied(report, Beat(Context.Options.Lease));
    }

    private TimeSpan Gone(WorkerId worker)
    {
        _beatAt = long.MinValue;
        _engine.WorkerGone(worker);
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
            _engine.Runner.Resume();
        }

        _engine.Runner.HintAll();
        _engine.Intake.RequestFlush();
        Context.Logger.LeaseConfirmedAgain(_engine.Store.Name);
    }

    private void Apply(BeatReport report)
    {
        foreach (var token in report.Cancels)
        {
            _engine.Cancel(token);
        }

        _engine.Runner.SetIdleElsewhere(report.IdleElsewhere);
        _engine.Runner.SetOlderPresent(report.Others.Any(static o => o.Lease is null));
        foreach (var queue in report.ReadyQueues)
        {
            _engine.Runner.Hint(queue);
        }

        if (report.ReadyQueues.Count > 0)
        {
            _engine.Intake.RequestFlush();
            _engine.Unknown?.Seen(report.ReadyQueues);
        }

        _engine.DueAt(report.NextDue);
        _engine.Rescue?.Seen(report.Others);
    }

    private List<string> IdleQueues() => [.. _engine.Runner.Queues.Where(static l => l.IsIdle).Select(static l => l.Name)];

    /// <summary>Called on the deadline's own thread: this loop has not beaten in time. Most likely handlers block the threads of the pool,
    /// which must not cost the lease. What else the beat says is left to the loop.</summary>
    private void BeatIsLate(TimeSpan untilDeadline)
    {
        if (_engine.Registered is not { } worker)
        {
            return;
        }

        try
        {
            var sent = Context.Time.GetTimestamp();
            var beat = _engine.Store.BeatAsync(new BeatRequest(worker, IdleQueues()), Context.Now, Stopping).AsTask();
            if (beat.Wait(untilDeadline) && beat.Result.Alive)
            {
                _deadline.Confirm(sent);
            }
        }
        catch (Exception)
        {
            // The loop meets the same trouble and tells of it; here the deadline comes all the same.
        }
    }

    /// <summary>Called on the deadline's own thread: the store has not confirmed the lease in time.</summary>
    private void LeaseInDoubt()
    {
        lock (_doubt)
        {
            _suspended = true;
            _engine.Runner.Suspend();
            _engine.Runner.StopAll(StopReason.LeaseLost);
        }

        // What waits ahead must not start into a lease that may be over.
        _engine.GiveBack(_engine.Runner.TakeAllAhead());
        Wake();

        // Last: a sink that stalls must not keep anything running.
        var running = _engine.Table.Count;
        Context.Logger.LeaseInDoubt(running > 0 ? LogLevel.Error : LogLevel.Warning, _engine.Store.Name, running);
    }
}
