using Simmer.Diagnostics;
using Simmer.Execution;
using Simmer.Storage;

namespace Simmer.Upkeep;

/// <summary>Makes scheduled jobs ready when they are due. It sleeps until the next one that it knows of; this worker's beats tell of those
/// that other processes have scheduled.</summary>
internal sealed class PromoteDue(StoreEngine engine) : BackgroundLoop(engine.Context, "promote due")
{
    private const int BatchSize = 500;

    private readonly UpkeepLease _upkeepLease = new(engine, "promote-due", engine.Context.Options.Lease);
    private readonly Lock _gate = new();
    private DateTimeOffset? _next;

    /// <summary>Tells the loop of a job that will be due.</summary>
    public void DueAt(DateTimeOffset due)
    {
        lock (_gate)
        {
            if (_next <= due)
            {
                return;
            }

            _next = due;
        }

        Wake();
    }

    protected override async ValueTask<TimeSpan> TurnAsync()
    {
        var now = Context.Now;
        DateTimeOffset? next;
        lock (_gate)
        {
            next = _next;
        }

        if (next is null)
        {
            return Timeout.InfiniteTimeSpan;
        }

        if (next > now)
        {
            // The sleep is cut at the poll interval: if the clock jumps, a timer that runs does not follow it.
            var rest = next.Value - now;
            return rest < Context.Options.PollInterval ? rest : Context.Options.PollInterval;
        }

        if (!engine.Clock.MayKeepUp())
        {
            return Context.Options.PollInterval;
        }

        lock (_gate)
        {
            _next = null;
        }

        PromoteReport report;
        try
        {
            if (!await _upkeepLease.TryTakeAsync(Stopping))
            {
                // Another worker holds the upkeep lease. If it dies, the next beats tell again what is due.
                return Timeout.InfiniteTimeSpan;
            }

            report = await engine.Store.PromoteDueAsync(BatchSize, now, Stopping);
        }
        catch
        {
            // Noted for the next try. The loop is not woken, because that would cut short the pause after the failure.
            lock (_gate)
            {
                _next = _next < next ? _next : next;
            }

            throw;
        }

        foreach (var queue in report.Queues)
        {
            engine.Runner.Hint(queue);
        }

        if (report.Count > 0)
        {
            Context.Logger.Promoted(report.Count);
            engine.Intake.RequestFlush();
        }

        engine.DueAt(report.NextDue);
        return TimeSpan.Zero;
    }
}
