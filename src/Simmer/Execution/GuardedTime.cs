using Microsoft.Extensions.Logging;
using Simmer.Diagnostics;

namespace Simmer.Execution;

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
    public static TimeProvider Of(TimeProvider? time, ILogger logger) => time is null || time == System ? System : new GuardedTime(time, logger);

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
            return new GuardedTimer(_time.CreateTimer(callback, state, dueTime, period));
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

    private sealed class GuardedTimer(ITimer timer) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            try
            {
                return timer.Change(dueTime, period);
            }
            catch (Exception)
            {
                return false;
            }
        }

        public void Dispose()
        {
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
