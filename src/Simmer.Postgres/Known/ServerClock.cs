namespace Simmer.Postgres;

/// <summary>The server's clock as this process knows it: read with every beat and continued by the monotonic clock in between. So no
/// operation has to ask for the time, and none depends on this process's wall clock.</summary>
internal sealed class ServerClock(TimeProvider clock)
{
    /// <summary>How old a reading may be: beats bring another far earlier.</summary>
    private static readonly TimeSpan s_longest = TimeSpan.FromMinutes(1);

    /// <summary>By how much the wall clock and the monotonic one may differ in what has passed since. On a machine that slept the monotonic
    /// clock may have stood still, and then the reading is worthless.</summary>
    private static readonly TimeSpan s_disagreement = TimeSpan.FromSeconds(1);

    /// <summary>By how much a monotonic clock may be off between two readings.</summary>
    private static readonly TimeSpan s_drift = TimeSpan.FromMilliseconds(1);

    private volatile Reading? _reading;

    /// <summary>An answer told the server's time.</summary>
    /// <param name="theirs">The server's time.</param>
    /// <param name="sent">When it was asked, on the monotonic clock.</param>
    /// <returns>The server's time now.</returns>
    public DateTimeOffset Heard(DateTimeOffset theirs, long sent)
    {
        var received = clock.GetTimestamp();
        var took = clock.GetElapsedTime(sent, received);
        var reading = new Reading(theirs + (took / 2), received, clock.GetUtcNow(), took / 2);
        if (_reading is { } old && old.Doubt + s_drift < reading.Doubt && old.Time + clock
            .GetElapsedTime(old.Timestamp, received) is var expected && expected >= theirs && expected <= theirs + took)
        {
            // A slow answer is less exact than what was known before, and does not contradict it.
            reading = reading with { Time = expected, Doubt = old.Doubt + s_drift };
        }

        _reading = reading;
        return reading.Time;
    }

    /// <summary>The server's time, if it is known well enough.</summary>
    public bool TryNow(out DateTimeOffset now)
    {
        now = default;
        if (_reading is not { } reading)
        {
            return false;
        }

        var elapsed = clock.GetElapsedTime(reading.Timestamp);
        now = reading.Time + elapsed;
        return elapsed < s_longest && (clock.GetUtcNow() - reading.Wall - elapsed).Duration() < s_disagreement;
    }

    /// <param name="Time">The server's time when the answer came.</param>
    /// <param name="Timestamp">When it came, on the monotonic clock.</param>
    /// <param name="Wall">When it came, on this process's wall clock.</param>
    /// <param name="Doubt">By how much the time may be off.</param>
    private sealed record Reading(DateTimeOffset Time, long Timestamp, DateTimeOffset Wall, TimeSpan Doubt);
}
