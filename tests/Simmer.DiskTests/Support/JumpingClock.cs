namespace Simmer.DiskTests.Support;

/// <summary>The system's time, whose wall clock can be set. The monotonic one goes on as it does, and so do its timers.</summary>
internal sealed class JumpingClock : TimeProvider
{
    private long _offset;

    public void Jump(TimeSpan by) => Interlocked.Add(ref _offset, by.Ticks);

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _offset));
}
