using System.Collections.Concurrent;

namespace Simmer.Tests.Engine;

/// <summary>Counts what is made and what is released of it.</summary>
internal sealed class Ledger
{
    private readonly ConcurrentDictionary<object, int> _releases = new(ReferenceEqualityComparer.Instance);

    public int Made => _releases.Count;

    public int MadeOf<T>() => _releases.Keys.OfType<T>().Count();

    public IReadOnlyList<string> Unreleased => [.. _releases.Where(static r => r.Value == 0).Select(static r => r.Key.GetType().Name)];

    public IReadOnlyList<string> ReleasedTwice => [.. _releases.Where(static r => r.Value > 1).Select(static r => r.Key.GetType().Name)];

    public void Add(object thing) => _releases[thing] = 0;

    public void Released(object thing) => _releases.AddOrUpdate(thing, 1, static (_, n) => n + 1);
}

/// <summary>A service that is released synchronously.</summary>
internal sealed class PlainThing : IDisposable
{
    private readonly Ledger _ledger;

    public PlainThing(Ledger ledger)
    {
        _ledger = ledger;
        ledger.Add(this);
    }

    public void Dispose() => _ledger.Released(this);
}

/// <summary>A service that is released asynchronously only.</summary>
internal sealed class SlowThing : IAsyncDisposable
{
    private readonly Ledger _ledger;

    public SlowThing(Ledger ledger)
    {
        _ledger = ledger;
        ledger.Add(this);
    }

    public async ValueTask DisposeAsync()
    {
        await Task.Yield();
        _ledger.Released(this);
    }
}
