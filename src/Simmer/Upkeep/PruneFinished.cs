using Simmer.Context;
using Simmer.Diagnostics;
using Simmer.Execution;
using Simmer.Execution.Intake;
using Simmer.Storage;

namespace Simmer.Upkeep;

/// <summary>Deletes finished jobs when their retention is over, and cancels waiting jobs that have expired.</summary>
internal sealed class PruneFinished : BackgroundLoop
{
    private const int BatchSize = 1_000;

    private readonly IJobStore _store;
    private readonly Releases _releases;
    private readonly FlushIntake _intake;
    private readonly UpkeepClock _clock;
    private readonly UpkeepLease _upkeepLease;

    public PruneFinished(
        EngineContext context, IJobStore store, WorkerRegistration registration, Releases releases, FlushIntake intake, UpkeepClock clock)
        : base(context, "prune")
    {
        (_store, _releases, _intake, _clock) = (store, releases, intake, clock);
        _upkeepLease = new UpkeepLease(context, store, registration, "prune", context.Options.PruneInterval * 3);
        clock.BecameRight += Wake;
    }

    protected override async ValueTask<TimeSpan> TurnAsync()
    {
        if (!_clock.MayKeepUp())
        {
            return Context.Options.PollInterval;
        }

        if (!await _upkeepLease.TryTakeAsync(Stopping))
        {
            return Context.Options.PruneInterval;
        }

        var report = await _store.PruneAsync(BatchSize, Context.Now, Stopping);
        foreach (var id in report.Expired)
        {
            Context.Logger.JobExpired(id);
            Context.Watcher.Notify(id);
        }

        _releases.Tell(report.Released);
        if (report.Released.Queues.Count > 0)
        {
            _intake.RequestFlush();
        }

        // A pause between two batches lets other work of the store have its turn.
        return report.More ? TimeSpan.FromMilliseconds(10) : Context.Options.PruneInterval;
    }
}
