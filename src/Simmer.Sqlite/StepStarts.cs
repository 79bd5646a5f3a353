using Simmer.Storage;

namespace Simmer.Sqlite;

/// <summary>The steps that may run from now on, gathered in one flush before their rows are written: where the worker has room and nothing ready is before them they are written as started
/// by it, which saves a chain an update, a search and the reading of its row for every step.</summary>
/// <remarks>Which of them are started is what a claim right after this flush's releases would have taken; whatever is in doubt becomes ready and is left to that claim.</remarks>
internal sealed class StepStarts(Flush flush)
{
    private readonly List<Line> _lines = [];

    /// <summary>One for each queue that has a step to start.</summary>
    public IReadOnlyList<Line> Lines => _lines;

    /// <summary>The line of a queue, made now if there is none.</summary>
    public Line this[string queue]
    {
        get
        {
            foreach (var line in _lines)
            {
                if (line.Queue == queue)
                {
                    return line;
                }
            }

            var added = new Line(queue, RoomIn(queue));
            _lines.Add(added);
            return added;
        }
    }

    /// <summary>The highest priority among the steps of a queue; null: there are none.</summary>
    public long? TopPriority(string queue)
    {
        foreach (var line in _lines)
        {
            if (line.Queue == queue)
            {
                return line.Starts.Max(static s => s.Priority);
            }
        }

        return null;
    }

    /// <summary>What was started of a queue, best first.</summary>
    public IReadOnlyList<JobClaim> ClaimsOf(string queue)
    {
        foreach (var line in _lines)
        {
            if (line.Queue == queue)
            {
                return line.Claims();
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
    internal sealed class Line(string queue, int room)
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

/// <summary>A step that may run.</summary>
/// <param name="Id">Its job.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Priority">Its priority.</param>
/// <param name="Seq">Its number; null: it has none yet, and comes after all that have one.</param>
/// <param name="ExpiresAt">Until when it may start.</param>
internal sealed record StepStart(JobId Id, string Kind, int Priority, long? Seq, DateTimeOffset? ExpiresAt)
{
    public static readonly Comparison<StepStart> BestFirst = static (a, b) =>
        a.Priority != b.Priority ? b.Priority.CompareTo(a.Priority)
        : a.Seq != b.Seq ? (a.Seq ?? long.MaxValue).CompareTo(b.Seq ?? long.MaxValue)
        : a.Order.CompareTo(b.Order);

    /// <summary>How its parents stand.</summary>
    public StepTally Tally { get; init; }

    /// <summary>The whole row, if it was read.</summary>
    public ClaimRow? Row { get; init; }

    public int Order { get; set; }

    public bool IsStarted { get; set; }

    /// <summary>Once it is written as started.</summary>
    public JobClaim? Claim { get; set; }

    public bool IsBefore((int Priority, long Seq)? best) =>
        best is not { } ready || Priority > ready.Priority || (Priority == ready.Priority && Seq < ready.Seq);
}
