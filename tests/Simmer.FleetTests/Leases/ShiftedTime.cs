namespace Simmer.FleetTests.Leases;

/// <summary>The system's timers and its monotonic clock, and a wall clock that is off.</summary>
internal sealed class ShiftedTime(TimeSpan by) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
}
