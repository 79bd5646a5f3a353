namespace Simmer.Runtime;

/// <summary>Wakes one waiting loop. A pulse that comes while the loop does not wait is kept; several count as one.</summary>
internal sealed class Pulse(TimeProvider time)
{
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(1);

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
    /// <param name="timeout">How long at most; infinite and anything over a day is a day.</param>
    /// <returns>Whether a pulse came.</returns>
    public async Task<bool> WaitAsync(TimeSpan timeout)
    {
        // First of all: an infinite time-out is negative, and must not pass for one that is over.
        if (timeout == Timeout.InfiniteTimeSpan || timeout > s_longest)
        {
            timeout = s_longest;
        }

        TaskCompletionSource waiter;
        lock (_gate)
        {
            if (_set || timeout <= TimeSpan.Zero)
            {
                var set = _set;
                _set = false;
                return set;
            }

            waiter = _waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        using var timer = time.CreateTimer(static state => ((TaskCompletionSource)state!).TrySetResult(), waiter, timeout,
            Timeout.InfiniteTimeSpan);
        await waiter.Task;
        lock (_gate)
        {
            var isOver = ReferenceEquals(_waiter, waiter);
            if (isOver)
            {
                _waiter = null;
            }

            return !isOver;
        }
    }
}
