using Simmer.Diagnostics;
using Simmer.Execution;
using Simmer.Storage;

namespace Simmer.Upkeep;

/// <summary>Takes the jobs of dead workers back. A worker is dead when its last beat is older than the lease by the store's clock, and this process has
/// watched its beat counter stand still for nearly as long by its own monotonic clock: a jump of any clock kills nobody.</summary>
internal sealed class RescueExpired(StoreLane lane) : BackgroundLoop(lane.Engine, "rescue")
{
    private static readonly TimeSpan s_orphanInterval = TimeSpan.FromHours(1);

    private readonly Hold _hold = new(lane, "rescue", lane.Engine.Options.Lease);
    private readonly Dictionary<WorkerId, (long Beats, long Since)> _watched = [];
    private long? _lastLook;
    private long? _lastOrphanSweep;

    private TimeSpan Lease => Engine.Options.Lease;

    private TimeSpan Beat => LeaseKeeper.Beat(Lease);

    protected override async ValueTask<TimeSpan> TurnAsync()
    {
        var now = Engine.Time.GetTimestamp();
        var sweep = _lastOrphanSweep is not { } last || Engine.Time.GetElapsedTime(last, now) >= s_orphanInterval;
        var dead = lane.Leases!.HasOthers ? Judge(await lane.Store.Browser.WorkersAsync(Engine.Now, Stopping), await lane.RegisteredAsync(), now) : [];
        if ((dead.Count == 0 && !sweep) || !await _hold.TryTakeAsync(Stopping))
        {
            return _watched.Count > 0 ? Beat : s_orphanInterval;
        }

        Report(await lane.Store.RescueAsync(new RescueRequest(dead, Lease, sweep, lane.KeepCancelled), Engine.Now, Stopping));
        _lastOrphanSweep = sweep ? now : _lastOrphanSweep;
        return _watched.Count > 0 ? Beat : s_orphanInterval;
    }

    private List<(WorkerId Worker, long Beats)> Judge(IReadOnlyList<WorkerRecord> workers, WorkerId self, long now)
    {
        // Having looked away for more than two beats proves nothing about anybody: begin anew.
        if (_lastLook is { } look && Engine.Time.GetElapsedTime(look, now) > Beat * 2)
        {
            _watched.Clear();
        }

        _lastLook = now;
        var dead = new List<(WorkerId, long)>();
        var present = new HashSet<WorkerId>();
        foreach (var worker in workers)
        {
            if (worker.Id == self)
            {
                continue;
            }

            present.Add(worker.Id);
            if (!_watched.TryGetValue(worker.Id, out var seen) || seen.Beats != worker.Beats)
            {
                // From the answer on, and until the next question: a slow answer must not make the time look longer than it was watched.
                _watched[worker.Id] = (worker.Beats, Engine.Time.GetTimestamp());
            }
            else if (worker.BeatAge >= Lease && Engine.Time.GetElapsedTime(seen.Since, now) >= Lease - Beat)
            {
                dead.Add((worker.Id, worker.Beats));
            }
        }

        foreach (var gone in _watched.Keys.Where(id => !present.Contains(id)).ToList())
        {
            _watched.Remove(gone);
        }

        return dead;
    }

    private void Report(RescueReport report)
    {
        foreach (var worker in report.Dead)
        {
            _watched.Remove(worker);
        }

        if (report.Dead.Count + report.Rescued.Count + report.Cancelled.Count == 0)
        {
            return;
        }

        Engine.Logger.Rescued(report.Dead.Count, report.Rescued.Count, report.Cancelled.Count);
        Engine.Metrics.Rescued(report.Rescued.Count);
        foreach (var id in report.Rescued.Concat(report.Cancelled))
        {
            Engine.Watcher.Notify(id);
        }

        foreach (var queue in report.Queues)
        {
            lane.Runner.Hint(queue);
        }

        lane.Commit.Poke();
    }
}
