namespace Simmer.Storage.InMemory;

/// <summary>The ready jobs of one priority of a queue, by sequence.</summary>
/// <remarks>Nearly all of them come at the end or go back to the front: a list. What belongs into the middle (a delay is over, a retry is
/// due) is in a tree beside it, and readers merge the two; one tree for all costs a node and a logarithm for every job.</remarks>
internal sealed class ReadyLevel(int priority)
{
    private readonly RowList _list = new();
    private SortedSet<JobRow>? _late;

    public int Priority => priority;

    public int Count => _list.Count + (_late?.Count ?? 0);

    public JobRow? First => new Cursor(this).Next();

    public void Add(JobRow row)
    {
        if (_list.Last is null || _list.Last.Sequence < row.Sequence)
        {
            _list.AddLast(row);
        }
        else if (row.Sequence < _list.First!.Sequence)
        {
            _list.AddFirst(row);
        }
        else
        {
            row.IsLate = true;
            _ = (_late ??= new SortedSet<JobRow>(RowOrders.BySequence)).Add(row);
        }
    }

    public void Remove(JobRow row)
    {
        if (row.IsLate)
        {
            row.IsLate = false;
            _ = _late!.Remove(row);
        }
        else
        {
            _list.Remove(row);
        }
    }

    public Cursor Read() => new(this);

    /// <summary>Walks the rows in order. Nothing may be removed meanwhile.</summary>
    internal struct Cursor
    {
        private JobRow? _next;
        private SortedSet<JobRow>.Enumerator _late;
        private bool _hasLate;

        public Cursor(ReadyLevel level)
        {
            _next = level._list.First;
            if (level._late is { Count: > 0 } late)
            {
                _late = late.GetEnumerator();
                _hasLate = _late.MoveNext();
            }
        }

        public JobRow? Next()
        {
            JobRow? row;
            if (_hasLate && (_next is null || _late.Current.Sequence < _next.Sequence))
            {
                row = _late.Current;
                _hasLate = _late.MoveNext();
            }
            else
            {
                row = _next;
                _next = row?.Next;
            }

            return row;
        }
    }
}
