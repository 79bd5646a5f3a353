using Simmer.Execution;

namespace Simmer.Upkeep;

/// <summary>A lease on one kind of upkeep, by its name, so that only one worker does it at a time. The store is asked only when half of it
/// is over.</summary>
internal sealed class UpkeepLease(StoreEngine engine, string name, TimeSpan duration)
{
    private long? _takenAt;
    private TimeSpan _taken;

    /// <summary>How long the lease is taken for.</summary>
    public TimeSpan Duration { get; set; } = duration;

    public async ValueTask<bool> TryTakeAsync(CancellationToken cancellationToken)
    {
        var now = engine.Context.Time.GetTimestamp();
        if (_takenAt is { } taken && engine.Context.Time.GetElapsedTime(taken, now) < _taken / 2)
        {
            return true;
        }

        _taken = Duration;
        var has = await engine.Store
            .TryTakeUpkeepLeaseAsync(name, await engine.RegisteredAsync(), _taken, engine.Context.Now, cancellationToken);
        _takenAt = has ? now : null;
        return has;
    }
}
