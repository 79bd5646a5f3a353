namespace Simmer.Execution;

/// <summary>Wakes one waiting loop. A pulse that comes while nobody waits is kept; several are one.</summary>
internal sealed class Pulse(TimeProvider time)
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _waiter;
    private bool _set;

    public void Set()
    {
        TaskCompletionSource? waiter;
        lock (_gate)
        {
            waiter = _waiter;
            _waiter = null;
            _set = waiter is null;
        }

        waiter?.TrySetResult();
    }

    /// <summary>Ends at the next pulse or when the time is over, whichever is first.</summary>
    public async Task WaitAsync(TimeSpan timeout)
    {
        TaskCompletionSource waiter;
        lock (_gate)
        {
            if (_set || timeout <= TimeSpan.Zero)
            {
                _set = false;
                return;
            }

            waiter = _waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        if (timeout == Timeout.InfiniteTimeSpan || timeout > TimeSpan.FromDays(1))
        {
            timeout = TimeSpan.FromDays(1);
        }

        using var timer = time.CreateTimer(static state => ((TaskCompletionSource)state!).TrySetResult(), waiter, timeout, Timeout.InfiniteTimeSpan);
        await waiter.Task;
        lock (_gate)
        {
            if (ReferenceEquals(_waiter, waiter))
            {
                _waiter = null;
            }
        }
    }
}
