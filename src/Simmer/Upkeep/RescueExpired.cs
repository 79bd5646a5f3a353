using Simmer.Diagnostics;
using Simmer.Execution;
using Simmer.Storage;

namespace Simmer.Upkeep;

/// <summary>Takes the jobs of dead workers back. A worker is dead when its last beat is older than its lease by the store's clock, and this
/// process has watched its beat counter stand still for nearly as long by its own monotonic clock: a jump of any clock kills
/// nobody.</summary>
/// <remarks>What it knows of the others comes with this worker's own beats. It asks the store for nothing until somebody's time is over,
/// and then once.</remarks>
internal sealed class RescueExpired(StoreEngine engine) : BackgroundLoop(engine.Context, "rescue")
{
    private static readonly TimeSpan s_orphanInterval = TimeSpan.FromHours(1);

    private readonly UpkeepLease _upkeepLease = new(engine, "rescue", engine.Context.Options.Lease);
    private readonly Lock _gate = new();
    private readonly Dictionary<WorkerId, Watched> _watched = [];
    private long? _lastLook;
    private long _nextSweep = long.MinValue;

    private TimeSpan Lease => Context.Options.Lease;

    private TimeSpan Beat => LeaseKeeper.Beat(Lease);

    /// <summary>A beat or a look has told of the other workers.</summary>
    public void Seen(IReadOnlyList<OtherWorker> others)
    {
        var now = Context.Time.GetTimestamp();
        lock (_gate)
        {
            if (IsBlind(now))
            {
                // Having looked away for more than two beats proves nothing about anybody: begin anew.
                _watched.Clear();
            }

            _lastLook = now;
            foreach (var other in others)
            {
                Watch(other, now);
            }

            // No longer than anybody's lease: the hold outlives this worker, and would keep the jobs of another from being taken back.
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
            // Another worker is at it, and may see to the orphans too; asking it at every beat would be no rest.
            _nextSweep = sweep ? now + Ticks(Lease) : _nextSweep;
            return Rest();
        }

        // Whoever is cut off between declaring a worker dead and taking its jobs back leaves orphans, be it this process by an error: every
        // rescue looks for them, and one that failed is made up for at the next turn.
        _nextSweep = now;
        var report = await engine.Store
            .RescueAsync(new RescueRequest(dead, Lease, SweepOrphans: true, engine.KeepCancelled), Context.Now, Stopping);
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

    /// <summary>Those whose time is over. Should the store know better, they are looked at again a beat later.</summary>
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
                // Nobody can be judged before the next beat, which wakes this loop.
                return Beat;
            }

            var next = _watched.Values.Aggregate(_nextSweep, static (at, w) => Math.Min(at, w.ExpiresAt));
            var rest = TimeSpan.FromSeconds((next - Context.Time.GetTimestamp()) / (double)Context.Time.TimestampFrequency);

            // Rounded up: a timer that comes a moment early would find nothing to do.
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

        engine.Released(report.Released);
        foreach (var queue in report.Queues)
        {
            engine.Runner.Hint(queue);
        }

        engine.Commit.RequestFlush();
    }

    /// <param name="Beats">The counter as it stands.</param>
    /// <param name="Since">Since when it stands still, on this process's monotonic clock.</param>
    /// <param name="ExpiresAt">When its worker is dead if it goes on standing still.</param>
    private readonly record struct Watched(long Beats, long Since, long ExpiresAt);
}
