namespace Simmer.Sqlite;

/// <summary>The workers that are registered through this store. Their number shows the writer whether there are workers of other processes,
/// to which commits have to be signalled.</summary>
internal sealed class OwnWorkers
{
    private readonly Lock _gate = new();
    private readonly HashSet<long> _ids = [];
    private int _count;

    /// <summary>How many there are.</summary>
    public int Count => Volatile.Read(ref _count);

    public void Add(long worker)
    {
        lock (_gate)
        {
            _ = _ids.Add(worker);
            Volatile.Write(ref _count, _ids.Count);
        }
    }

    public void Remove(long worker)
    {
        lock (_gate)
        {
            _ = _ids.Remove(worker);
            Volatile.Write(ref _count, _ids.Count);
        }
    }
}
