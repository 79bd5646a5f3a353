namespace Simmer.Postgres;

/// <summary>The work that becomes ready, or is due later, because of a transaction.</summary>
internal sealed class ReadyWork
{
    private readonly HashSet<string> _queues = new(StringComparer.Ordinal);
    private readonly HashSet<int> _numbers = [];
    private readonly List<(int Queue, int Rank, long Seq)> _places = [];

    /// <summary>The queues that have ready jobs, by name.</summary>
    public IReadOnlyCollection<string> Queues => _queues;

    /// <summary>The same by number, with those whose jobs went back to their old places.</summary>
    public IReadOnlyCollection<int> Numbers => _numbers;

    /// <summary>The first time at which something is due; null: nothing is.</summary>
    public DateTimeOffset? NextDue { get; private set; }

    /// <summary>Jobs of a queue are ready.</summary>
    public void Add(string queue, int number)
    {
        _ = _queues.Add(queue);
        _ = _numbers.Add(number);
    }

    /// <summary>A job went back to its old place in its queue. Its worker knows of it, other processes may not.</summary>
    public void AtOldPlace(int queue, int rank, long seq, bool suspect)
    {
        _ = _numbers.Add(queue);
        if (!suspect)
        {
            AtPlace(queue, rank, seq);
        }
    }

    /// <summary>A row is ready at a place that the claims may have left behind them.</summary>
    public void AtPlace(int queue, int rank, long seq) => _places.Add((queue, rank, seq));

    /// <summary>Something is due at a time.</summary>
    public void Due(DateTimeOffset at) => NextDue = NextDue < at ? NextDue : at;

    /// <summary>Lets the next claims begin at the rows that have come back.</summary>
    public void Lower(LowWater lowWater)
    {
        foreach (var (queue, rank, seq) in _places)
        {
            lowWater.Ready(queue, rank, seq);
        }
    }

    /// <summary>Takes over the queues by name, and the time, of a second transaction; that one has told others itself.</summary>
    public void Join(ReadyWork other)
    {
        _queues.UnionWith(other._queues);
        if (other.NextDue is { } due)
        {
            Due(due);
        }
    }
}
