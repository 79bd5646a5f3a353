namespace Simmer.Operating;

/// <summary>Counts what becomes of many jobs.</summary>
internal sealed class BulkTally
{
    private int _left;
    private int _refused;
    private StoreException? _first;

    public int Matched { get; set; }

    public int Changed { get; set; }

    /// <summary>Counts one job.</summary>
    /// <param name="changed">Whether the store changed it.</param>
    /// <param name="refusal">Why the database refused it; null: it did not.</param>
    public void Add(bool changed, StoreException? refusal)
    {
        if (changed && refusal is null)
        {
            Changed++;
        }
        else
        {
            Rest(1, refusal);
        }
    }

    /// <summary>Counts jobs that were not changed.</summary>
    public void Rest(int count, StoreException? refusal)
    {
        if (refusal is null)
        {
            _left += count;
            return;
        }

        _refused += count;
        _first ??= refusal;
    }

    public BulkResult Result(bool limitReached) => new()
    {
        Matched = Matched,
        Changed = Changed,
        Left = _left,
        Refused = _refused,
        FirstRefusal = _first,
        LimitReached = limitReached,
    };
}
