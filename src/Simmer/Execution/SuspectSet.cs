using Simmer.Storage;

namespace Simmer.Execution;

/// <summary>The suspects that are here, with their levels.</summary>
internal sealed class SuspectSet
{
    private readonly Lock _gate = new();
    private readonly Dictionary<LeaseToken, int> _levels = [];

    /// <summary>The room there is for others beside them.</summary>
    /// <param name="slots">How many jobs the worker runs at once.</param>
    public SuspectRoom Room(int slots)
    {
        lock (_gate)
        {
            var highest = 0;
            foreach (var level in _levels.Values)
            {
                highest = Math.Max(highest, level);
            }

            return new SuspectRoom(slots, _levels.Count, highest);
        }
    }

    public void Add(LeaseToken token, int level)
    {
        lock (_gate)
        {
            _levels[token] = level;
        }
    }

    public void Remove(LeaseToken token)
    {
        lock (_gate)
        {
            _ = _levels.Remove(token);
        }
    }
}
