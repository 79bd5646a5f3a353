using Simmer.Storage;

namespace Simmer.Execution;

/// <summary>The suspects that are here: a worker holds at most one, so that poison ends nobody else's job.</summary>
internal sealed class SuspectSet
{
    private readonly Lock _gate = new();
    private readonly HashSet<LeaseToken> _tokens = [];

    public bool IsEmpty
    {
        get
        {
            lock (_gate)
            {
                return _tokens.Count == 0;
            }
        }
    }

    public void Add(LeaseToken token)
    {
        lock (_gate)
        {
            _ = _tokens.Add(token);
        }
    }

    public void Remove(LeaseToken token)
    {
        lock (_gate)
        {
            _ = _tokens.Remove(token);
        }
    }
}
