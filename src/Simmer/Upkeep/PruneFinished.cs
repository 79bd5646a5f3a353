using Simmer.Diagnostics;
using Simmer.Execution;

namespace Simmer.Upkeep;

/// <summary>Deletes finished jobs whose time is over, and cancels waiting ones that have expired.</summary>
internal sealed class PruneFinished(StoreLane lane) : BackgroundLoop(lane.Engine, "prune")
{
    private const int BatchSize = 1_000;

    private readonly Hold _hold = new(lane, "prune", lane.Engine.Options.PruneInterval * 3);

    protected override async ValueTask<TimeSpan> TurnAsync()
    {
        if (!lane.Clock.MayKeepUp())
        {
            return Engine.Options.PollInterval;
        }

        if (!await _hold.TryTakeAsync(Stopping))
        {
            return Engine.Options.PruneInterval;
        }

        var report = await lane.Store.PruneAsync(BatchSize, Engine.Now, Stopping);
        foreach (var id in report.Expired)
        {
            Engine.Logger.JobExpired(id);
            Engine.Watcher.Notify(id);
        }

        lane.Released(report.Released);
        if (report.Released.Queues.Count > 0)
        {
            lane.Commit.Poke();
        }

        // A pause between batches leaves room for others.
        return report.More ? TimeSpan.FromMilliseconds(10) : Engine.Options.PruneInterval;
    }
}
