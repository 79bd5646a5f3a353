using Microsoft.Extensions.Logging;

namespace Simmer.Diagnostics;

/// <summary>A clock of the application's that may throw: from its last time on the system's clock goes on for it.</summary>
internal sealed class GuardedTime : TimeProvider
{
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    // By how much it was ahead of the system's clock when it last answered.
    private long _ahead;
    private long _timestampAhead;
    private int _told;

    private GuardedTime(TimeProvider time, ILogger logger)
    {
        (_time, _logger) = (time, logger);
        TimestampFrequency = time.TimestampFrequency;
    }

    public override long TimestampFrequency { get; }

    public override TimeZoneInfo LocalTimeZone => _time.LocalTimeZone;

    private long SystemTimestamp => (long)(System.GetTimestamp() * (TimestampFrequency / (double)System.TimestampFrequency));

    /// <summary>The system's own clock needs no guard.</summary>
    public static TimeProvider Of(TimeProvider? time, ILogger logger) =>
        time is null || time == System ? System : new GuardedTime(time, logger);

    public override DateTimeOffset GetUtcNow()
    {
        try
        {
            var now = _time.GetUtcNow();
            Volatile.Write(ref _ahead, now.UtcTicks - System.GetUtcNow().UtcTicks);
            return now;
        }
        catch (Exception e)
        {
            Tell(e);
            return System.GetUtcNow().AddTicks(Volatile.Read(ref _ahead));
        }
    }

    public override long GetTimestamp()
    {
        try
        {
            var now = _time.GetTimestamp();
            Volatile.Write(ref _timestampAhead, now - SystemTimestamp);
            return now;
        }
        catch (Exception e)
        {
            Tell(e);
            return SystemTimestamp + Volatile.Read(ref _timestampAhead);
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        try
        {
            return new GuardedTimer(this, _time.CreateTimer(callback, state, dueTime, period), callback, state);
        }
        catch (Exception e)
        {
            Tell(e);
            return System.CreateTimer(callback, state, dueTime, period);
        }
    }

    private void Tell(Exception error)
    {
        if (Interlocked.Exchange(ref _told, 1) == 0)
        {
            _logger.ClockFailed(error, _time.GetType().Name);
        }
    }

    /// <summary>Replaces a timer that cannot be set by one of the system's, so that what waits for it does not wait for ever.</summary>
    private sealed class GuardedTimer(GuardedTime time, ITimer timer, TimerCallback callback, object? state) : ITimer
    {
        private readonly Lock _gate = new();
        private ITimer? _instead;
        private bool _disposed;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            // Outside the lock, because a simulated clock may call back from here.
            if (Volatile.Read(ref _instead) is null)
            {
                try
                {
                    return timer.Change(dueTime, period);
                }
                catch (Exception e)
                {
                    time.Tell(e);
                }
            }

            lock (_gate)
            {
                if (_disposed)
                {
                    return false;
                }

                _instead ??= System.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                return _instead.Change(dueTime, period);
            }
        }

        public void Dispose()
        {
            lock (_gate)
            {
                _disposed = true;
                _instead?.Dispose();
            }

            try
            {
                timer.Dispose();
            }
            catch (Exception)
            {
                return;
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
