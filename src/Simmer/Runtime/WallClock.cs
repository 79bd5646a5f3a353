namespace Simmer.Runtime;

/// <summary>The wall clock, held against the monotonic one: after a jump of more than the limit it goes on as if there had been none, until
/// the jump has been taken back, or has stood for <see cref="Believed"/>. A clock that is wrong for a moment harms nothing so; that of a
/// machine which slept for a night is right, and is believed a little later.</summary>
internal sealed class WallClock(TimeProvider time, TimeSpan limit)
{
    /// <summary>How long a clock that has jumped must go on evenly before it is believed.</summary>
    public static readonly TimeSpan Believed = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan s_markEvery = TimeSpan.FromSeconds(1);

    /// <summary>A simulated clock may go on at every reading, so that no two are of one moment.</summary>
    private const int MostReads = 10;

    private readonly Lock _gate = new();
    private Mark _mark = new(time.GetUtcNow(), time.GetTimestamp());

    /// <summary>The first reading after a jump; null: the clock is believed.</summary>
    private volatile Mark? _jumped;

    /// <summary>By how much the clock has jumped, if that is not believed yet.</summary>
    public TimeSpan? Jump
    {
        get
        {
            _ = Now;
            return _jumped is { } jumped ? jumped.Wall - At(Volatile.Read(ref _mark), jumped.Timestamp) : null;
        }
    }

    /// <summary>The present time.</summary>
    public DateTimeOffset Now
    {
        get
        {
            var wall = time.GetUtcNow();
            var mark = Volatile.Read(ref _mark);
            if (_jumped is null && wall >= mark.Wall && wall - mark.Wall <= s_markEvery)
            {
                // Every job asks. Just behind the mark a clock has not jumped, unless back by just the time that has passed since: then it
                // is found out as soon as it goes on.
                return wall;
            }

            var timestamp = time.GetTimestamp();
            var elapsed = time.GetElapsedTime(mark.Timestamp, timestamp);
            if (_jumped is not null || (wall - mark.Wall - elapsed).Duration() > limit)
            {
                return Judge();
            }

            if (elapsed > s_markEvery)
            {
                // So that a clock that is merely slow or fast is never far from its mark.
                Volatile.Write(ref _mark, new Mark(wall, timestamp));
            }

            return wall;
        }
    }

    /// <summary>Called when a clock of more authority shows that this one is right.</summary>
    public void Believe()
    {
        if (_jumped is not null)
        {
            lock (_gate)
            {
                Accept(Read());
            }
        }
    }

    private DateTimeOffset Judge()
    {
        lock (_gate)
        {
            var read = Read();
            var expected = At(_mark, read.Timestamp);
            if ((read.Wall - expected).Duration() <= limit)
            {
                return Accept(read);
            }

            if (_jumped is not { } jumped || (read.Wall - At(jumped, read.Timestamp)).Duration() > limit)
            {
                _jumped = read;
                return expected;
            }

            return time.GetElapsedTime(jumped.Timestamp, read.Timestamp) < Believed ? expected : Accept(read);
        }
    }

    private DateTimeOffset Accept(Mark read)
    {
        Volatile.Write(ref _mark, read);
        _jumped = null;
        return read.Wall;
    }

    /// <summary>Reads both clocks at one moment. If the thread was held up between the two, it reads them again.</summary>
    private Mark Read()
    {
        for (var reads = 1; ; reads++)
        {
            var before = time.GetTimestamp();
            var wall = time.GetUtcNow();
            var after = time.GetTimestamp();
            if (time.GetElapsedTime(before, after) <= s_markEvery || reads == MostReads)
            {
                return new Mark(wall, after);
            }
        }
    }

    // Near the ends of time there is none to go on to.
    private DateTimeOffset At(Mark mark, long timestamp)
    {
        var elapsed = time.GetElapsedTime(mark.Timestamp, timestamp);
        return elapsed < DateTimeOffset.MaxValue - mark.Wall ? mark.Wall + elapsed : DateTimeOffset.MaxValue;
    }

    private sealed record Mark(DateTimeOffset Wall, long Timestamp);
}
