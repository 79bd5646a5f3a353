namespace Simmer.Sqlite;

/// <summary>Wakes a thread that waits for work. Code that gives hints has the waker and needs to know nothing else of the thread.</summary>
internal sealed class ThreadWaker
{
    private readonly ManualResetEventSlim _woken = new(false, spinCount: 10);

    /// <summary>Has the thread look for work, now or as soon as it has done what it is at.</summary>
    public void Wake() => _woken.Set();

    /// <summary>From now on a wake-up counts for the next wait. On the thread itself, before it looks for work.</summary>
    public void Reset() => _woken.Reset();

    /// <summary>Waits until the thread is woken. On the thread itself.</summary>
    /// <param name="atMost">How long to wait; whole milliseconds count, rounded up, so that the thread never spins.</param>
    public void Wait(TimeSpan atMost) =>
        _ = _woken.Wait(atMost == Timeout.InfiniteTimeSpan ? atMost : TimeSpan.FromMilliseconds(Math.Ceiling(atMost.TotalMilliseconds)));
}
