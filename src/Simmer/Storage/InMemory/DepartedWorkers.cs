namespace Simmer.Storage.InMemory;

/// <summary>The numbers of the last flushes of workers that are gone: one of them may repeat a flush after it was declared dead.</summary>
internal sealed class DepartedWorkers
{
    /// <summary>How many workers are remembered.</summary>
    private const int Kept = 256;

    private readonly Dictionary<WorkerId, long> _lastFlush = [];
    private readonly Queue<WorkerId> _order = [];

    /// <summary>The number of a worker's last flush; 0: nothing is known of it.</summary>
    public long LastFlushOf(WorkerId worker) => _lastFlush.GetValueOrDefault(worker);

    public void Note(WorkerId worker, long lastFlush)
    {
        if (!_lastFlush.ContainsKey(worker))
        {
            _order.Enqueue(worker);
            if (_order.Count > Kept)
            {
                _ = _lastFlush.Remove(_order.Dequeue());
            }
        }

        _lastFlush[worker] = lastFlush;
    }
}
