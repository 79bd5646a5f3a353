using Simmer.Enqueue;

namespace Simmer.Execution.Intake;

/// <summary>Callers' enqueues that wait to be sent, in the order in which they came. Taking some from the front costs as much as is taken,
/// however many wait behind them. Not safe for several threads at once.</summary>
internal sealed class WaitingCalls
{
    /// <summary>The number of free places at the front of the list that are kept, because moving the calls behind them would cost
    /// more.</summary>
    private const int MostFree = 1_000;

    private readonly List<EnqueueCall?> _calls = [];
    private int _first;

    public int Count => _calls.Count - _first;

    public void Add(EnqueueCall call) => _calls.Add(call);

    public void AddRange(IEnumerable<EnqueueCall> calls) => _calls.AddRange(calls);

    /// <summary>Takes the first.</summary>
    public EnqueueCall Take()
    {
        var call = _calls[_first]!;
        _calls[_first++] = null;
        return call;
    }

    /// <summary>Puts some before all others.</summary>
    public void PutBack(IReadOnlyList<EnqueueCall> calls)
    {
        if (calls.Count > _first)
        {
            _calls.RemoveRange(0, _first);
            _calls.InsertRange(0, calls);
            _first = 0;
            return;
        }

        _first -= calls.Count;
        for (var i = 0; i < calls.Count; i++)
        {
            _calls[_first + i] = calls[i];
        }
    }

    /// <summary>Frees the places of what was taken, once they are more than those that are in use.</summary>
    public void Trim()
    {
        if (_first == _calls.Count || (_first > MostFree && _first > Count))
        {
            _calls.RemoveRange(0, _first);
            _first = 0;
        }
    }

    /// <summary>Takes those of which something holds, in their order.</summary>
    public List<EnqueueCall> TakeAll(Predicate<EnqueueCall> match)
    {
        _calls.RemoveRange(0, _first);
        _first = 0;
        List<EnqueueCall> taken = [];
        _ = _calls.RemoveAll(call =>
        {
            var isMatch = match(call!);
            if (isMatch)
            {
                taken.Add(call!);
            }

            return isMatch;
        });
        return taken;
    }

    /// <summary>When the oldest call was made whose caller waits for an answer, among those that wait here and those in flight; null:
    /// nobody waits.</summary>
    public long? Oldest(List<EnqueueCall> inFlight)
    {
        long? oldest = null;
        foreach (var call in inFlight)
        {
            Consider(call);
        }

        for (var i = _first; i < _calls.Count; i++)
        {
            Consider(_calls[i]!);
        }

        return oldest;

        void Consider(EnqueueCall call)
        {
            if (!call.IsTold && (oldest is not { } known || call.Timestamp < known))
            {
                oldest = call.Timestamp;
            }
        }
    }
}
