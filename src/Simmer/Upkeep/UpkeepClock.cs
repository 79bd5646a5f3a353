using Simmer.Context;
using Simmer.Diagnostics;
using Simmer.Storage;

namespace Simmer.Upkeep;

/// <summary>Decides whether this process's clock is right enough for upkeep, which starts and deletes jobs because of the time.</summary>
internal sealed class UpkeepClock(EngineContext context, IJobStore store)
{
    private readonly Lock _gate = new();
    private TimeSpan _skew;
    private bool _isHeard = !store.IsDurable;
    private bool _isWrong;

    /// <summary>The store was heard for the first time, and the clock is right enough.</summary>
    public event Action? BecameRight;

    private TimeSpan Limit => context.Options.MaxClockSkew;

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
            var took = context.Time.GetElapsedTime(sent);
            if (theirs is { } time && took < Limit)
            {
                _skew = time + (took / 2) - context.Time.GetUtcNow();
                if (_skew.Duration() <= Limit)
                {
                    context.Clock.Believe();
                }
            }
        }

        // Checked even if there is nothing to do, so that a wrong clock is logged.
        if (MayKeepUp() && first)
        {
            BecameRight?.Invoke();
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
            off = isSkewed ? -_skew : context.Clock.Jump;
            (wasWrong, _isWrong) = (_isWrong, off is not null);
        }

        // Logged outside the lock, because a log that stalls would hold up the beat.
        if (off is { } by && !wasWrong)
        {
            context.Logger.ClockIsWrong(store.Name, by,
                isSkewed ? "from the database's" : "from how it went on until it jumped", Limit);
        }
        else if (off is null && wasWrong)
        {
            context.Logger.ClockIsRight(store.Name);
        }

        return off is null;
    }
}
