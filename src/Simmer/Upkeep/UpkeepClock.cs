using Simmer.Diagnostics;
using Simmer.Execution;

namespace Simmer.Upkeep;

/// <summary>Whether this process's clock is right enough for upkeep, which deletes and starts things because of the time.</summary>
internal sealed class UpkeepClock(StoreLane lane)
{
    private readonly Lock _gate = new();
    private TimeSpan _skew;
    private bool _isHeard = lane.Leases is null;
    private bool _isWrong;

    private TimeSpan Limit => lane.Engine.Options.MaxClockSkew;

    /// <summary>A beat has been answered, and may have told the store's time.</summary>
    /// <param name="theirs">The store's time; null: it has no clock of its own.</param>
    /// <param name="sent">When the beat was sent, on the monotonic clock.</param>
    public void Heard(DateTimeOffset? theirs, long sent)
    {
        bool first;
        lock (_gate)
        {
            first = !_isHeard;
            _isHeard = true;
            var took = lane.Engine.Time.GetElapsedTime(sent);
            if (theirs is { } time && took < Limit)
            {
                _skew = time + (took / 2) - lane.Engine.Time.GetUtcNow();
                if (_skew.Duration() <= Limit)
                {
                    lane.Engine.Clock.Believe();
                }
            }
        }

        // Also where nothing is to be kept up, so that a wrong clock is told of.
        if (MayKeepUp() && first)
        {
            lane.Prune.Wake();
        }
    }

    /// <summary>Whether upkeep may go by the time. Says so when it may not any more, and when it may again.</summary>
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
            off = isSkewed ? -_skew : lane.Engine.Clock.Jump;
            (wasWrong, _isWrong) = (_isWrong, off is not null);
        }

        // Not under the gate: a log that stalls would hold up the beat.
        if (off is { } by && !wasWrong)
        {
            lane.Engine.Logger.ClockIsWrong(lane.Store.Name, by, isSkewed ? "from the database's" : "from how it went on until it jumped", Limit);
        }
        else if (off is null && wasWrong)
        {
            lane.Engine.Logger.ClockIsRight(lane.Store.Name);
        }

        return off is null;
    }
}
