namespace Simmer.Tests.PlugIns;

/// <summary>A clock of the application that throws as soon as the test wants it, in one of its members or in all.</summary>
internal sealed class ThrowingTime(string member) : TimeProvider
{
    private int _calls;

    public bool Throws { get; set; }

    /// <summary>How often it threw.</summary>
    public int Calls => _calls;

    public override DateTimeOffset GetUtcNow()
    {
        Throw("now");
        return base.GetUtcNow();
    }

    public override long GetTimestamp()
    {
        Throw("timestamp");
        return base.GetTimestamp();
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Throw("timer");
        return new Timer(this, base.CreateTimer(callback, state, dueTime, period));
    }

    private void Throw(string here)
    {
        if (Throws && (member == here || member == "all"))
        {
            _ = Interlocked.Increment(ref _calls);
            throw new InvalidOperationException("The clock has stopped.");
        }
    }

    private sealed class Timer(ThrowingTime owner, ITimer timer) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            owner.Throw("timer's change");
            return timer.Change(dueTime, period);
        }

        public void Dispose()
        {
            timer.Dispose();
            owner.Throw("timer's end");
        }

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}
