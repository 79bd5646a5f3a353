using Simmer.Storage;

namespace Simmer.Sqlite;

/// <summary>The steps that may run from now on, gathered in one flush before their rows are written: where the worker has room and nothing
/// ready is before them they are written as started by it, which saves a chain an update, a search and the reading of its row for every
/// step.</summary>
/// <remarks>Which of them are started is what a claim right after this flush's releases would have taken; whatever is in doubt becomes
/// ready and is left to that claim.</remarks>
internal sealed class StepStarts(Flush flush)
{
    private readonly List<QueueStarts> _queues = [];

    /// <summary>One for each queue that has a step to start.</summary>
    public IReadOnlyList<QueueStarts> Queues => _queues;

    /// <summary>What starts in a queue, made now if there is none.</summary>
    public QueueStarts this[string queue]
    {
        get
        {
            foreach (var starts in _queues)
            {
                if (starts.Queue == queue)
                {
                    return starts;
                }
            }

            var added = new QueueStarts(queue, RoomIn(queue));
            _queues.Add(added);
            return added;
        }
    }

    /// <summary>The highest priority among the steps of a queue; null: there are none.</summary>
    public long? TopPriority(string queue)
    {
        foreach (var starts in _queues)
        {
            if (starts.Queue == queue)
            {
                return starts.Starts.Max(static s => s.Priority);
            }
        }

        return null;
    }

    /// <summary>What was started of a queue, best first.</summary>
    public IReadOnlyList<JobClaim> ClaimsOf(string queue)
    {
        foreach (var starts in _queues)
        {
            if (starts.Queue == queue)
            {
                return starts.Claims();
            }
        }

        return [];
    }

    private int RoomIn(string queue)
    {
        for (var i = 0; i < flush.Claims.Count; i++)
        {
            if (flush.Claims[i].Queue == queue)
            {
                return flush.Claims[i].Count;
            }
        }

        return 0;
    }

    /// <summary>The steps of one queue.</summary>
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
}
