using Simmer.Context;
using Simmer.Execution;
using Simmer.Storage;

namespace Simmer.Upkeep;

/// <summary>A lease on one kind of upkeep, by its name, so that the work is not done by every worker. It only spares work: two workers may
/// have it for a moment, for instance while two versions run beside one another, so what is done under it must be harmless when it is done
/// twice. The store is asked only when half of the lease is over.</summary>
internal sealed class UpkeepLease(EngineContext context, IJobStore store, WorkerRegistration registration, string name, TimeSpan duration)
{
    private long? _takenAt;
    private TimeSpan _taken;

    /// <summary>How long the lease is taken for.</summary>
    public TimeSpan Duration { get; set; } = duration;

    public async ValueTask<bool> TryTakeAsync(CancellationToken cancellationToken)
    {
        var now = context.Time.GetTimestamp();
        if (_takenAt is { } taken && context.Time.GetElapsedTime(taken, now) < _taken / 2)
        {
            return true;
        }

        _taken = Duration;
        var has = await store
            .TryTakeUpkeepLeaseAsync(name, await registration.GetAsync(), _taken, context.Now, cancellationToken);
        _takenAt = has ? now : null;
        return has;
    }
}
