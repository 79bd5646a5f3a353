using Simmer.Storage;

namespace Simmer.Sqlite;

/// <summary>The steps of one queue that a flush releases.</summary>
/// <param name="queue">The queue's name.</param>
/// <param name="room">How many jobs of it the flush claims.</param>
internal sealed class QueueStarts(string queue, int room)
{
    private readonly List<StepStart> _starts = [];

    public string Queue => queue;

    /// <summary>Best first, once it is decided.</summary>
    public IReadOnlyList<StepStart> Starts => _starts;

    /// <summary>Whether there may be room for one more, so that its row is worth reading whole.</summary>
    public bool IsWorthReading => _starts.Count < room;

    public void Add(StepStart start)
    {
        start.Order = _starts.Count;
        _starts.Add(start);
    }

    /// <summary>Decides which are started.</summary>
    /// <param name="best">Priority and number of the ready job that a claim would take first; null: none is ready.</param>
    /// <param name="kinds">The kinds that the worker can run.</param>
    /// <param name="now">The present time.</param>
    public void Decide((int Priority, long Seq)? best, IReadOnlyCollection<string> kinds, DateTimeOffset now)
    {
        _starts.Sort(StepStart.BestFirst);
        for (var i = 0; i < _starts.Count && i < room; i++)
        {
            var start = _starts[i];
            if (!start.IsBefore(best) || start.ExpiresAt <= now || !kinds.Contains(start.Kind))
            {
                return;
            }

            start.IsStarted = true;
        }
    }

    public List<JobClaim> Claims()
    {
        var claims = new List<JobClaim>();
        foreach (var start in _starts)
        {
            if (start.Claim is { } claim)
            {
                claims.Add(claim);
            }
        }

        return claims;
    }
}
