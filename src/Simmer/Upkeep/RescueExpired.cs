using Simmer.Context;
using Simmer.Diagnostics;
using Simmer.Execution;
using Simmer.Execution.Intake;
using Simmer.Storage;

namespace Simmer.Upkeep;

/// <summary>Takes back the jobs of dead workers. A worker counts as dead when two things hold: by the store's clock its last beat is older
/// than its lease, and by this process's own monotonic clock its beat counter has stood still for nearly as long. So a jump of a clock
/// makes nobody dead.</summary>
/// <remarks>This worker's own beats tell it of the other workers. It asks the store for nothing until the time of one of them is over, and
/// then once.</remarks>
internal sealed class RescueExpired(
    EngineContext context, IJobStore store, WorkerRegistration registration, QueueRunner runner, Releases releases, FlushIntake intake)
    : BackgroundLoop(context, "rescue")
{
    private static readonly TimeSpan s_orphanInterval = TimeSpan.FromHours(1);

    private readonly UpkeepLease _upkeepLease = new(context, store, registration, "rescue", context.Options.Lease);
    private readonly Lock _gate = new();
    private readonly Dictionary<WorkerId, Watched> _watched = [];
    private long? _lastLook;
    private long _nextSweep = long.MinValue;

    private TimeSpan Lease => Context.Options.Lease;

    private TimeSpan Beat => LeaseKeeper.Beat(Lease);

    /// <summary>Takes what a beat or a look at the store has told of the other workers.</summary>
    public void Seen(IReadOnlyList<OtherWorker> others)
    {
        var now = Context.Time.GetTimestamp();
        lock (_gate)
        {
            if (IsBlind(now))
            {
                // After a gap of more than two beats the counters say nothing about how long they stood still, so the observation begins
                // anew.
                _watched.Clear();
            }

            _lastLook = now;
            foreach (var other in others)
            {
                Watch(other, now);
            }

            // The upkeep lease is no longer than the shortest lease of a worker. If this worker dies while it holds it, the jobs of other
            // dead workers wait no longer than that.
            _upkeepLease.Duration = others.Select(static o => o.Lease).OfType<TimeSpan>().Append(Lease).Min();

            foreach (var gone in _watched.Keys.Except(others.Select(static o => o.Id)).ToList())
            {
                _watched.Remove(gone);
            }
        }

        Wake();
    }

    protected override async ValueTask<TimeSpan> TurnAsync()
    {
        var now = Context.Time.GetTimestamp();
        var sweep = now >= _nextSweep;
        var dead = TakeExpired(now);
        if (dead.Count == 0 && !sweep)
        {
            return Rest();
        }

        if (!await _upkeepLease.TryTakeAsync(Stopping))
        {
            // Another worker rescues at present, and looks for orphans too. The next look for orphans waits for a lease, so that this loop
            // does not ask at every beat.
            _nextSweep = sweep ? now + Ticks(Lease) : _nextSweep;
            return Rest();
        }

        // Orphans are jobs of a worker that was declared dead by a process that failed before it took the jobs back. Every rescue looks for
        // them. If this call fails, the next turn looks again.
        _nextSweep = now;
        var report = await store.RescueAsync(new RescueRequest(dead, Lease, SweepOrphans: true), Context.Now, Stopping);
        Report(report);
        _nextSweep = now + Ticks(report.HasLeft ? Beat : s_orphanInterval);
        return Rest();
    }

    private bool IsBlind(long now) => _lastLook is { } look && Context.Time.GetElapsedTime(look, now) > Beat * 2;

    private void Watch(OtherWorker other, long now)
    {
        var since = _watched.TryGetValue(other.Id, out var seen) && seen.Beats == other.Beats ? seen.Since : now;
        var lease = other.Lease ?? Lease;
        var still = lease - LeaseKeeper.Beat(lease) - Context.Time.GetElapsedTime(since, now);
        var old = lease - other.BeatAge;
        _watched[other.Id] = new Watched(other.Beats, since, now + Ticks(still > old ? still : old));
    }

    /// <summary>The workers whose time is over. The store decides whether they are dead; if it says no, they are looked at again a beat
    /// later.</summary>
    private List<(WorkerId Worker, long Beats)> TakeExpired(long now)
    {
        lock (_gate)
        {
            var expired = IsBlind(now)
                ? []
                : _watched.Where(w => w.Value.ExpiresAt <= now).Select(static w => (w.Key, w.Value.Beats)).ToList();
            foreach (var (worker, _) in expired)
            {
                _watched[worker] = _watched[worker] with { ExpiresAt = now + Ticks(Beat) };
            }

            return expired;
        }
    }

    private TimeSpan Rest()
    {
        lock (_gate)
        {
            if (IsBlind(Context.Time.GetTimestamp()))
            {
                // No worker can be judged before the next beat, which wakes this loop.
                return Beat;
            }

            var next = _watched.Values.Aggregate(_nextSweep, static (at, w) => Math.Min(at, w.ExpiresAt));
            var rest = TimeSpan.FromSeconds((next - Context.Time.GetTimestamp()) / (double)Context.Time.TimestampFrequency);

            // A millisecond more, because a timer that fires a moment early would find nothing to do.
            return rest <= TimeSpan.Zero ? TimeSpan.FromMilliseconds(1) : rest + TimeSpan.FromMilliseconds(1);
        }
    }

    private long Ticks(TimeSpan time) => (long)(time.TotalSeconds * Context.Time.TimestampFrequency);

    private void Report(RescueReport report)
    {
        lock (_gate)
        {
            foreach (var worker in report.Dead)
            {
                _watched.Remove(worker);
            }
        }

        if (report.Dead.Count + report.Rescued.Count + report.Cancelled.Count == 0)
        {
            return;
        }

        Context.Logger.Rescued(report);
        Context.Metrics.Rescued(report.Rescued.Count);
        foreach (var id in report.Rescued.Concat(report.Cancelled))
        {
            Context.Watcher.Notify(id);
        }

        releases.Tell(report.Released);
        foreach (var queue in report.Queues)
        {
            runner.Hint(queue);
        }

        intake.RequestFlush();
    }

    /// <param name="Beats">The worker's beat counter.</param>
    /// <param name="Since">Since when the counter has stood still, on this process's monotonic clock.</param>
    /// <param name="ExpiresAt">When the worker counts as dead if the counter does not move.</param>
    private readonly record struct Watched(long Beats, long Since, long ExpiresAt);
}
