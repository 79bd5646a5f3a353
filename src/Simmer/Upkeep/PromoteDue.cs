using Simmer.Diagnostics;
using Simmer.Execution;
using Simmer.Storage;

namespace Simmer.Upkeep;

/// <summary>Makes scheduled jobs ready when their time has come. It sleeps until the next one it knows of; jobs scheduled by others are
/// learnt from the beat.</summary>
internal sealed class PromoteDue(StoreEngine engine) : BackgroundLoop(engine.Context, "promote due")
{
    private const int BatchSize = 500;

    private readonly UpkeepLease _upkeepLease = new(engine, "promote-due", engine.Context.Options.Lease);
    private readonly Lock _gate = new();
    private DateTimeOffset? _next;

    /// <summary>A job is due at this time.</summary>
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
            // Not to the end in one go: the clock may jump, and the timer does not jump with it.
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
                // Another worker does it. Should it die, the next beats say again what is due.
                return Timeout.InfiniteTimeSpan;
            }

            report = await engine.Store.PromoteDueAsync(BatchSize, now, Stopping);
        }
        catch
        {
            // For the next try; without a wake, which would cut the back-off short.
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
            engine.Commit.RequestFlush();
        }

        engine.DueAt(report.NextDue);
        return TimeSpan.Zero;
    }
}
