using System.Collections.Concurrent;

namespace Simmer.Postgres;

/// <summary>Remembers for each queue where its ready rows begin (its mark), so that claims start there. The index keeps the entries of
/// claimed rows until a vacuum, and a claim that starts at the front walks over all of them: while an old snapshot held elsewhere forbids
/// the vacuum, a fast queue would come to a stop.</summary>
/// <remarks>A mark may be too high: a row with a lower number can become ready later, because its transaction took longer or because the
/// job came back. So whatever is known of such rows lowers the mark, and once a second a claim starts at the front all the same; but not
/// so often that the walks over dead entries take more than a twentieth of the time.</remarks>
internal sealed class LowWater(TimeProvider clock)
{
    /// <summary>How many ranks of a queue are remembered.</summary>
    private const int RanksKept = 32;

    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<int, Mark> _marks = new();

    /// <summary>Where a claim of a queue begins.</summary>
    /// <param name="queue">The queue's number.</param>
    /// <param name="kinds">The kinds that the claim takes: below the mark may be others.</param>
    /// <param name="whole">Whether it looks from the front; then <see cref="Walked"/> has to be called with how long it took.</param>
    public (int Rank, long Seq) Of(int queue, KnownKinds kinds, out bool whole)
    {
        var mark = _marks.GetOrAdd(queue, static _ => new Mark());
        lock (mark)
        {
            whole = !mark.IsSet || mark.Kinds?.Equals(kinds) != true || IsDue(mark);
            return whole ? (int.MinValue, 0) : (mark.Rank, mark.Seq);
        }
    }

    /// <summary>Where an insert that may start its job begins to look for ready rows before it, of whatever kind.</summary>
    /// <param name="queue">The queue's number.</param>
    /// <param name="whole">Whether it looks from the front: then <see cref="Looked"/> is to be told what came of it.</param>
    public (int Rank, long Seq) OfLook(int queue, out bool whole)
    {
        whole = true;
        if (!_marks.TryGetValue(queue, out var mark))
        {
            return (int.MinValue, 0);
        }

        lock (mark)
        {
            whole = !CountsForAll(mark);
            return whole ? (int.MinValue, 0) : (mark.Rank, mark.Seq);
        }
    }

    /// <summary>The marks of the queues in which no row below the mark is known to be ready.</summary>
    public List<(int Queue, int Rank, long Seq)> All()
    {
        var all = new List<(int, int, long)>();
        foreach (var (queue, mark) in _marks)
        {
            lock (mark)
            {
                if (!mark.IsStale && CountsForAll(mark))
                {
                    all.Add((queue, mark.Rank, mark.Seq));
                }
            }
        }

        return all;
    }

    /// <summary>A claim took rows up to this one.</summary>
    public void Taken(int queue, KnownKinds kinds, int rank, long seq)
    {
        var mark = _marks.GetOrAdd(queue, static _ => new Mark());
        lock (mark)
        {
            if (mark.Kinds?.Equals(kinds) != true)
            {
                mark.Taken.Clear();
            }

            (mark.IsSet, mark.Kinds, mark.Rank, mark.Seq) = (true, kinds, rank, seq + 1);
            if (mark.Taken.Count >= RanksKept && !mark.Taken.ContainsKey(rank))
            {
                mark.Taken.Clear();
            }

            mark.Taken[rank] = seq + 1;
        }
    }

    /// <summary>Notes that a claim has looked from the front, in at most this time.</summary>
    /// <param name="queue">The queue's number.</param>
    /// <param name="since">A timestamp of the clock.</param>
    public void Walked(int queue, long since)
    {
        var mark = _marks.GetOrAdd(queue, static _ => new Mark());
        lock (mark)
        {
            Believe(mark, since);
        }
    }

    /// <summary>Notes that a look from the front found nothing ready of this rank or before it, at most this time ago. If jobs start
    /// without a claim, there is no other look.</summary>
    /// <param name="queue">The queue's number.</param>
    /// <param name="rank">The rank of a job that was let start.</param>
    /// <param name="since">A timestamp of the clock.</param>
    public void Looked(int queue, int rank, long since)
    {
        if (_marks.TryGetValue(queue, out var mark))
        {
            lock (mark)
            {
                if (mark.IsSet && rank >= mark.Rank)
                {
                    Believe(mark, since);
                }
            }
        }
    }

    /// <summary>A new row is about to be ready: its number is above those of all rows that there are.</summary>
    public void New(int queue, int rank)
    {
        if (_marks.TryGetValue(queue, out var mark))
        {
            lock (mark)
            {
                if (mark.IsSet && rank < mark.Rank)
                {
                    (mark.Rank, mark.Seq) = (rank, mark.Taken.GetValueOrDefault(rank));
                }
            }
        }
    }

    /// <summary>A row that has its number already has become ready.</summary>
    public void Ready(int queue, int rank, long seq)
    {
        if (_marks.TryGetValue(queue, out var mark))
        {
            lock (mark)
            {
                if (mark.Taken.TryGetValue(rank, out var taken) && seq < taken)
                {
                    mark.Taken[rank] = seq;
                }

                if (mark.IsSet && (rank < mark.Rank || (rank == mark.Rank && seq < mark.Seq)))
                {
                    (mark.Rank, mark.Seq) = (rank, seq);
                }
            }
        }
    }

    /// <summary>Rows have become ready of which the number is not known: the next claim looks at all.</summary>
    public void Stale(int queue)
    {
        if (_marks.TryGetValue(queue, out var mark))
        {
            lock (mark)
            {
                mark.IsStale = true;
                mark.Taken.Clear();
            }
        }
    }

    /// <summary>Rows of any queue may have become ready.</summary>
    public void Stale()
    {
        foreach (var queue in _marks.Keys)
        {
            Stale(queue);
        }
    }

    /// <summary>Notes that a statement has looked from the front.</summary>
    private void Believe(Mark mark, long since) =>
        (mark.WalkedAt, mark.Walk, mark.IsStale) = (clock.GetTimestamp(), clock.GetElapsedTime(since), false);

    /// <summary>Whether nothing of any kind is believed to be ready below the mark.</summary>
    private bool CountsForAll(Mark mark) => mark is { IsSet: true, Kinds.AreAll: true } && !IsDue(mark);

    /// <summary>Whether it is time to start at the front once more.</summary>
    private bool IsDue(Mark mark)
    {
        var passed = mark.WalkedAt is { } at ? clock.GetElapsedTime(at) : TimeSpan.MaxValue;
        return passed >= (mark.IsStale ? TimeSpan.Zero : s_longest) && passed >= 20 * mark.Walk;
    }

    private sealed class Mark
    {
        public bool IsSet;
        public KnownKinds? Kinds;
        public int Rank;
        public long Seq;

        /// <summary>Up to where rows of a rank were claimed, for ranks that were passed.</summary>
        public readonly Dictionary<int, long> Taken = [];

        public long? WalkedAt;
        public TimeSpan Walk;

        /// <summary>A row below the mark is known or likely to be ready.</summary>
        public bool IsStale;
    }
}
