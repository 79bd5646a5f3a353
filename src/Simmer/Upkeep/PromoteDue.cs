using Simmer.Context;
using Simmer.Diagnostics;
using Simmer.Execution;
using Simmer.Execution.Intake;
using Simmer.Storage;

namespace Simmer.Upkeep;

/// <summary>Makes scheduled jobs ready when they are due. It sleeps until the next one that it knows of; this worker's beats tell of those
/// that other processes have scheduled.</summary>
internal sealed class PromoteDue : BackgroundLoop
{
    private const int BatchSize = 500;

    private readonly IJobStore _store;
    private readonly QueueRunner _runner;
    private readonly FlushIntake _intake;
    private readonly DueTimes _due;
    private readonly UpkeepClock _clock;
    private readonly UpkeepLease _upkeepLease;

    public PromoteDue(
        EngineContext context, IJobStore store, WorkerRegistration registration, QueueRunner runner, FlushIntake intake, DueTimes due,
        UpkeepClock clock)
        : base(context, "promote due")
    {
        (_store, _runner, _intake, _due, _clock) = (store, runner, intake, due, clock);
        _upkeepLease = new UpkeepLease(context, store, registration, "promote-due", context.Options.Lease);
        due.Earlier += Wake;
    }

    protected override async ValueTask<TimeSpan> TurnAsync()
    {
        var now = Context.Now;
        var next = _due.Next;
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

        if (!_clock.MayKeepUp())
        {
            return Context.Options.PollInterval;
        }

        _due.Clear();

        PromoteReport report;
        try
        {
            if (!await _upkeepLease.TryTakeAsync(Stopping))
            {
                // Another worker holds the upkeep lease. If it dies, the next beats tell again what is due.
                return Timeout.InfiniteTimeSpan;
            }

            report = await _store.PromoteDueAsync(BatchSize, now, Stopping);
        }
        catch
        {
            // Noted for the next try. The loop is not woken, because that would cut short the pause after the failure.
            _due.PutBack(next);
            throw;
        }

        foreach (var queue in report.Queues)
        {
            _runner.Hint(queue);
        }

        if (report.Count > 0)
        {
            Context.Logger.Promoted(report.Count);
            _intake.RequestFlush();
        }

        _due.Tell(report.NextDue);
        return TimeSpan.Zero;
    }
}
