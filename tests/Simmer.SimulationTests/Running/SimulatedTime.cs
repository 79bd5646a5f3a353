namespace Simmer.SimulationTests.Running;

/// <summary>The clocks of one process: its wall clock may jump, its monotonic clock is right.</summary>
internal sealed class SimulatedTime(World world, SimulatedProcess process) : TimeProvider
{
    private static readonly DateTimeOffset s_beginning = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>How far the wall clock is off.</summary>
    public TimeSpan Offset { get; set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    // The monotonic clock does not begin at zero, because a machine that has just started is no special case.
    public override long GetTimestamp() => world.Now + (1_000 * TimeSpan.TicksPerSecond);

    public override DateTimeOffset GetUtcNow() => s_beginning + world.Elapsed + Offset;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new SimulatedTimer(world, process, () => callback(state));
        _ = timer.Change(dueTime, period);
        return timer;
    }
}

/// <summary>Calls back in a turn of its process. A call that is due already comes even if the timer is changed meanwhile, as real ones
/// may.</summary>
internal sealed class SimulatedTimer(World world, SimulatedProcess process, Action callback) : ITimer
{
    private int _version;

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        var version = ++_version;
        if (dueTime != Timeout.InfiniteTimeSpan)
        {
            world.Ring(new Alarm(process, callback, () => _version == version), world.Now + dueTime.Ticks);
        }

        return period == Timeout.InfiniteTimeSpan ? true : throw new NotSupportedException("Nothing here uses periods.");
    }

    public void Dispose() => _version++;

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    internal readonly record struct Alarm(SimulatedProcess Process, Action Callback, Func<bool>? IsSet = null)
    {
        public void Ring()
        {
            if (IsSet is null || IsSet())
            {
                Process.Post(Callback);
            }
        }
    }
}
