using System.Collections;

namespace Simmer.Storage;

/// <summary>Callers' enqueues that wait to be sent, in the order in which they came. Taking some from the front costs as much as is taken,
/// however many wait behind them.</summary>
internal sealed class WaitingCalls : IEnumerable<EnqueueCall>
{
    /// <summary>So many places that are free at the front are not worth moving what stands behind them.</summary>
    private const int MostFree = 1_000;

    private readonly List<EnqueueCall> _calls = [];
    private int _first;

    public int Count => _calls.Count - _first;

    public EnqueueCall First => _calls[_first];

    public void Add(EnqueueCall call) => _calls.Add(call);

    public void AddRange(IEnumerable<EnqueueCall> calls) => _calls.AddRange(calls);

    /// <summary>Takes the first.</summary>
    public EnqueueCall Take()
    {
        var call = _calls[_first];
        _calls[_first++] = null!;
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

    public void RemoveAll(Predicate<EnqueueCall> match)
    {
        _calls.RemoveRange(0, _first);
        _first = 0;
        _ = _calls.RemoveAll(match);
    }

    public IEnumerator<EnqueueCall> GetEnumerator()
    {
        for (var i = _first; i < _calls.Count; i++)
        {
            yield return _calls[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
