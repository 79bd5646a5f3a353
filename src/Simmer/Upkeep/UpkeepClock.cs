using Simmer.Diagnostics;
using Simmer.Execution;

namespace Simmer.Upkeep;

/// <summary>Decides whether this process's clock is right enough for upkeep, which starts and deletes jobs because of the time.</summary>
internal sealed class UpkeepClock(StoreEngine engine)
{
    private readonly Lock _gate = new();
    private TimeSpan _skew;
    private bool _isHeard = engine.Leases is null;
    private bool _isWrong;

    private TimeSpan Limit => engine.Context.Options.MaxClockSkew;

    /// <summary>Takes the answer of a beat, which may carry the store's time.</summary>
    /// <param name="theirs">The store's time; null if the store has no clock of its own.</param>
    /// <param name="sent">When the beat was sent, on the monotonic clock.</param>
    public void Heard(DateTimeOffset? theirs, long sent)
    {
        bool first;
        lock (_gate)
        {
            first = !_isHeard;
            _isHeard = true;
            var took = engine.Context.Time.GetElapsedTime(sent);
            if (theirs is { } time && took < Limit)
            {
                _skew = time + (took / 2) - engine.Context.Time.GetUtcNow();
                if (_skew.Duration() <= Limit)
                {
                    engine.Context.Clock.Believe();
                }
            }
        }

        // Checked even if there is nothing to do, so that a wrong clock is logged.
        if (MayKeepUp() && first)
        {
            engine.Prune.Wake();
        }
    }

    /// <summary>Whether upkeep may run. Logs when the clock turns out to be wrong, and when it is right again.</summary>
    public bool MayKeepUp()
    {
        TimeSpan? off;
        bool isSkewed, wasWrong;
        lock (_gate)
        {
            if (!_isHeard)
            {
                return false;
            }

            isSkewed = _skew.Duration() > Limit;
            off = isSkewed ? -_skew : engine.Context.Clock.Jump;
            (wasWrong, _isWrong) = (_isWrong, off is not null);
        }

        // Logged outside the lock, because a log that stalls would hold up the beat.
        if (off is { } by && !wasWrong)
        {
            engine.Context.Logger.ClockIsWrong(engine.Store.Name, by,
                isSkewed ? "from the database's" : "from how it went on until it jumped", Limit);
        }
        else if (off is null && wasWrong)
        {
            engine.Context.Logger.ClockIsRight(engine.Store.Name);
        }

        return off is null;
    }
}
