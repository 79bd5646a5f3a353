using Microsoft.Extensions.Logging;

namespace Simmer.Postgres;

/// <summary>By how much this process's clock differs from the server's; warns when it is much. Nothing that is stored depends on it
/// but due times that a caller gives as a time: they mean an instant by the caller's clock.</summary>
internal sealed class ClockSkew(TimeSpan limit, string server, ILogger logger)
{
    private bool _warned;

    /// <summary>How far the server is ahead, as last measured.</summary>
    public TimeSpan Last { get; private set; }

    /// <summary>An answer told the server's time.</summary>
    /// <param name="theirs">The server's time.</param>
    /// <param name="ours">This process's time before the question.</param>
    /// <param name="took">How long the answer took: that much the measure may be off.</param>
    public void Measured(DateTimeOffset theirs, DateTimeOffset ours, TimeSpan took)
    {
        if (took > limit / 2)
        {
            return;
        }

        Last = theirs - ours;
        var large = Last.Duration() > limit;
        if (large && !_warned)
        {
            Log.ClockSkewed(logger, server, Last);
        }
        else if (!large && _warned)
        {
            Log.ClockAgrees(logger, server, Last);
        }

        _warned = large;
    }
}
