using Microsoft.Extensions.Logging;
using Simmer.Diagnostics;
using Simmer.Storage;

namespace Simmer.Execution;

/// <summary>Keeps this worker's lease, and reads with each beat what concerns it: cancels, ready queues, due jobs.</summary>
internal sealed class LeaseKeeper : BackgroundLoop
{
    private readonly StoreLane _lane;
    private readonly LeaseDeadline _deadline;

    // A doubt is told from the deadline's thread, and ended from the loop's: one whole after the other. Where they mixed, the runner was told to go on and then to stop every run, and nobody ended that again.
    private readonly Lock _doubt = new();
    private long _beatAt = long.MinValue;
    private bool _suspended;

    public LeaseKeeper(StoreLane lane)
        : base(lane.Engine, "lease")
    {
        _lane = lane;
        var lease = lane.Engine.Options.Lease;
        _deadline = new LeaseDeadline(lane.Engine.Time, Margin(lease), LeaseInDoubt, Beat(lease) * 4 / 3, BeatIsLate);
    }

    /// <summary>When the lease was last confirmed, on the monotonic clock; null: not yet.</summary>
    public long? ConfirmedAt { get; private set; }

    /// <summary>Whether the time is over by which the lease had to be confirmed again: nothing may begin under it, also when nobody has
    /// been told yet.</summary>
    public bool MayBeOver => _deadline.HasPassed;

    /// <summary>The same at a time on the monotonic clock.</summary>
    public bool MayBeOverAt(long timestamp) => _deadline.HasPassedAt(timestamp);

    /// <summary>A store that is back must hear from this worker before the lease is over.</summary>
    protected override TimeSpan LongestBackOff => Beat(Engine.Options.Lease) / 2;

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
        var worker = await _lane.RegisteredAsync();
        var sent = Engine.Time.GetTimestamp();
        var untilBeat = UntilBeat(sent);
        if (untilBeat > TimeSpan.Zero)
        {
            // Woken by a hint between two beats: a look costs no write.
            var look = await _lane.Store.LookAsync(worker, Engine.Now, Stopping);
            return look.Alive ? Applied(look, untilBeat) : Gone(worker);
        }

        var report = await _lane.Store.BeatAsync(new BeatRequest(worker, IdleQueues()), Engine.Now, Stopping);
        _beatAt = sent;
        if (!report.Alive)
        {
            return Gone(worker);
        }

        Confirmed(sent);
        _lane.Clock.Heard(report.Time, sent);
        return Applied(report, Beat(Engine.Options.Lease));
    }

    private TimeSpan Gone(WorkerId worker)
    {
        _beatAt = long.MinValue;
        _lane.WorkerGone(worker);
        return TimeSpan.Zero;
    }

    private TimeSpan Applied(BeatReport report, TimeSpan untilBeat)
    {
        Apply(report);
        return untilBeat < Engine.Options.PollInterval ? untilBeat : Engine.Options.PollInterval;
    }

    private TimeSpan UntilBeat(long now) => _beatAt == long.MinValue
        ? TimeSpan.Zero
        : Beat(Engine.Options.Lease) - Engine.Time.GetElapsedTime(_beatAt, now) - TimeSpan.FromMilliseconds(20);

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
            _lane.Runner.Resume();
        }

        _lane.Runner.HintAll();
        _lane.Commit.Poke();
        Engine.Logger.LeaseConfirmedAgain(_lane.Store.Name);
    }

    private void Apply(BeatReport report)
    {
        foreach (var token in report.Cancels)
        {
            _lane.Cancel(token);
        }

        _lane.Runner.SetIdleElsewhere(report.IdleElsewhere);
        _lane.Runner.SetOlderPresent(report.Others.Any(static o => o.Lease is null));
        foreach (var queue in report.ReadyQueues)
        {
            _lane.Runner.Hint(queue);
        }

        if (report.ReadyQueues.Count > 0)
        {
            _lane.Commit.Poke();
            _lane.Unknown?.Seen(report.ReadyQueues);
        }

        _lane.DueAt(report.NextDue);
        _lane.Rescue?.Seen(report.Others);
    }

    private List<string> IdleQueues() => [.. _lane.Runner.Lines.Where(static l => l.IsIdle).Select(static l => l.Name)];

    /// <summary>Called on the deadline's own thread: this loop has not beaten in time. Most likely handlers block the threads of the pool, which must
    /// not cost the lease. What else the beat says is left to the loop.</summary>
    private void BeatIsLate(TimeSpan untilDeadline)
    {
        if (_lane.Registered is not { } worker)
        {
            return;
        }

        try
        {
            var sent = Engine.Time.GetTimestamp();
            var beat = _lane.Store.BeatAsync(new BeatRequest(worker, IdleQueues()), Engine.Now, Stopping).AsTask();
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
            _lane.Runner.Suspend();
            _lane.Runner.StopAll(StopReason.LeaseLost);
        }

        // What waits ahead must not start into a lease that may be over.
        _lane.GiveBack(_lane.Runner.TakeAllAhead());
        Wake();

        // Last: a sink that stalls must not keep anything running.
        var running = _lane.Table.Count;
        Engine.Logger.LeaseInDoubt(running > 0 ? LogLevel.Error : LogLevel.Warning, _lane.Store.Name, running);
    }
}
