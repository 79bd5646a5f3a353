using Simmer.Diagnostics;
using Simmer.Execution;

namespace Simmer.Upkeep;

/// <summary>Deletes finished jobs when their retention is over, and cancels waiting jobs that have expired.</summary>
internal sealed class PruneFinished(StoreEngine engine) : BackgroundLoop(engine.Context, "prune")
{
    private const int BatchSize = 1_000;

    private readonly UpkeepLease _upkeepLease = new(engine, "prune", engine.Context.Options.PruneInterval * 3);

    protected override async ValueTask<TimeSpan> TurnAsync()
    {
        if (!engine.Clock.MayKeepUp())
        {
            return Context.Options.PollInterval;
        }

        if (!await _upkeepLease.TryTakeAsync(Stopping))
        {
            return Context.Options.PruneInterval;
        }

        var report = await engine.Store.PruneAsync(BatchSize, Context.Now, Stopping);
        foreach (var id in report.Expired)
        {
            Context.Logger.JobExpired(id);
            Context.Watcher.Notify(id);
        }

        engine.Released(report.Released);
        if (report.Released.Queues.Count > 0)
        {
            engine.Intake.RequestFlush();
        }

        // A pause between two batches lets other work of the store have its turn.
        return report.More ? TimeSpan.FromMilliseconds(10) : Context.Options.PruneInterval;
    }
}
