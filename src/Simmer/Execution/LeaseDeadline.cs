namespace Simmer.Execution;

/// <summary>Calls back when the lease was not confirmed in time. On a thread of its own: a starved thread pool must not delay it,
/// for that is when handlers run over their lease. Under a simulated clock it is a timer.</summary>
internal sealed class LeaseDeadline : IDisposable
{
    private readonly TimeProvider _time;
    private readonly TimeSpan _margin;
    private readonly Action _expired;
    private readonly Lock _gate = new();
    private readonly ManualResetEventSlim _changed = new();
    private readonly ITimer? _timer;
    private Thread? _thread;
    private long? _deadline;
    private bool _disposed;

    public LeaseDeadline(TimeProvider time, TimeSpan margin, Action expired)
    {
        (_time, _margin, _expired) = (time, margin, expired);
        if (time != TimeProvider.System)
        {
            _timer = time.CreateTimer(_ => Look(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>The lease was confirmed by something sent at this time.</summary>
    public void Confirm(long sent)
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _deadline = sent + (long)(_margin.TotalSeconds * _time.TimestampFrequency);
            if (_timer is not null)
            {
                _timer.Change(Remaining(), Timeout.InfiniteTimeSpan);
                return;
            }

            if (_thread is null)
            {
                _thread = new Thread(Run) { IsBackground = true, Name = "Simmer lease", Priority = ThreadPriority.AboveNormal };
                _thread.Start();
            }
        }

        _changed.Set();
    }

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

                rest = _deadline is null ? Timeout.InfiniteTimeSpan : Remaining();
            }

            if (!_changed.Wait(rest))
            {
                Look();
            }
        }
    }

    private void Look()
    {
        lock (_gate)
        {
            if (_deadline is null)
            {
                return;
            }

            if (Remaining() is var rest && rest > TimeSpan.Zero)
            {
                // Confirmed meanwhile, or a rounded-off tick early. The thread waits again by itself.
                _ = _timer?.Change(rest, Timeout.InfiniteTimeSpan);
                return;
            }

            _deadline = null;
        }

        _expired();
    }

    private TimeSpan Remaining()
    {
        var rest = TimeSpan.FromSeconds((_deadline!.Value - _time.GetTimestamp()) / (double)_time.TimestampFrequency);
        return rest > TimeSpan.Zero ? rest : TimeSpan.Zero;
    }
}
