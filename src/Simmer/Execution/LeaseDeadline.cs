namespace Simmer.Execution;

/// <summary>Calls back when the lease was not confirmed in time. It has a thread of its own, because a starved thread pool must not delay
/// it: that is when handlers run longer than the lease. Under a simulated clock it is a timer.</summary>
/// <remarks>Some time before that it calls back as well, so that the lease can be confirmed from this thread; not under a simulated clock,
/// where nothing starves.</remarks>
internal sealed class LeaseDeadline : IDisposable
{
    private readonly TimeProvider _time;
    private readonly TimeSpan _margin;
    private readonly TimeSpan _lateAfter;
    private Action? _expired;
    private Action<TimeSpan>? _late;
    private readonly Lock _gate = new();
    private readonly ManualResetEventSlim _changed = new();
    private readonly ITimer? _timer;
    private Thread? _thread;
    private long _sent;
    private bool _isLate;
    private long? _deadline;
    private bool _disposed;

    // The deadline for readers without the lock; it keeps its value when it has passed. Before the first confirmation there is none.
    private long _until = long.MaxValue;

    /// <param name="time">The clock.</param>
    /// <param name="margin">How long after a confirmation was sent for the deadline is.</param>
    /// <param name="lateAfter">How long after that the next confirmation is late.</param>
    public LeaseDeadline(TimeProvider time, TimeSpan margin, TimeSpan lateAfter)
    {
        (_time, _margin, _lateAfter) = (time, margin, lateAfter);
        if (time != TimeProvider.System)
        {
            _timer = time.CreateTimer(_ => Look(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Has somebody called back from now on.</summary>
    /// <param name="expired">The deadline has come.</param>
    /// <param name="late">The next confirmation is late, and the deadline comes after this long.</param>
    public void CallBack(Action expired, Action<TimeSpan> late) => (_expired, _late) = (expired, late);

    /// <summary>Whether the deadline has passed, even if the callback has not run yet.</summary>
    public bool HasPassed => Volatile.Read(ref _until) != long.MaxValue && HasPassedAt(_time.GetTimestamp());

    /// <summary>The same at a time on the monotonic clock.</summary>
    public bool HasPassedAt(long timestamp) => Volatile.Read(ref _until) is var until && until != long.MaxValue && timestamp >= until;

    /// <summary>The lease was confirmed by something sent at this time.</summary>
    public void Confirm(long sent)
    {
        lock (_gate)
        {
            // The answer to an earlier beat may be read after that to a later one.
            if (_disposed || (_deadline is not null && sent < _sent))
            {
                return;
            }

            (_sent, _isLate, _deadline) = (sent, false, After(sent, _margin));
            Volatile.Write(ref _until, _deadline.Value);
            if (_timer is not null)
            {
                _timer.Change(Until(_deadline.Value), Timeout.InfiniteTimeSpan);
                return;
            }

            if (_thread is null)
            {
                _thread = new Thread(Run) { IsBackground = true, Name = "Simmer lease", Priority = ThreadPriority.AboveNormal };

                // Started without the ambient values of the first caller.
                _thread.UnsafeStart();
            }
        }

        _changed.Set();
    }

    /// <summary>The lease is gone, and the next one has not begun.</summary>
    public void Forget() => Volatile.Write(ref _until, long.MaxValue);

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _deadline = null;
        }

        _timer?.Dispose();
        _changed.Set();
    }

    private void Run()
    {
        while (true)
        {
            _changed.Reset();
            TimeSpan rest;
            lock (_gate)
            {
                if (_disposed)
                {
                    return;
                }

                rest = _deadline is not { } deadline ? Timeout.InfiniteTimeSpan : Until(_isLate ? deadline : After(_sent, _lateAfter));
            }

            if (_changed.Wait(rest))
            {
                continue;
            }

            if (BecomesLate(out var left))
            {
                _late?.Invoke(left);
            }
            else
            {
                Look();
            }
        }
    }

    private bool BecomesLate(out TimeSpan left)
    {
        lock (_gate)
        {
            left = _deadline is { } deadline ? Until(deadline) : TimeSpan.Zero;
            var becomes = _deadline is not null && !_isLate && Until(After(_sent, _lateAfter)) == TimeSpan.Zero;
            _isLate |= becomes;
            return becomes;
        }
    }

    private void Look()
    {
        lock (_gate)
        {
            if (_deadline is not { } deadline)
            {
                return;
            }

            if (Until(deadline) is var rest && rest > TimeSpan.Zero)
            {
                // Timers count in whole milliseconds and may come a moment early; the thread waits again by itself.
                _timer?.Change(rest + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
                return;
            }

            _deadline = null;
        }

        _expired?.Invoke();
    }

    private long After(long timestamp, TimeSpan time) => timestamp + (long)(time.TotalSeconds * _time.TimestampFrequency);

    private TimeSpan Until(long timestamp)
    {
        var rest = TimeSpan.FromSeconds((timestamp - _time.GetTimestamp()) / (double)_time.TimestampFrequency);
        return rest > TimeSpan.Zero ? rest : TimeSpan.Zero;
    }
}
