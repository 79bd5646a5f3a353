using System.Globalization;

namespace Simmer.Postgres;

/// <summary>Passes on to the engine that other processes have stored jobs.</summary>
internal sealed class Hints(LowWater lowWater, NameTable names)
{
    private readonly Lock _lock = new();
    private readonly List<Action<IReadOnlyCollection<string>>> _listeners = [];

    public IDisposable Listen(Action<IReadOnlyCollection<string>> onHint)
    {
        lock (_lock)
        {
            _listeners.Add(onHint);
        }

        return new Listener(this, onHint);
    }

    /// <summary>Others have stored jobs of some queues.</summary>
    /// <param name="queues">The numbers of the queues, separated by commas; empty: of any.</param>
    public void Give(string queues)
    {
        var ready = Stored(queues);
        Action<IReadOnlyCollection<string>>[] listeners;
        lock (_lock)
        {
            listeners = [.. _listeners];
        }

        foreach (var listener in listeners)
        {
            listener(ready);
        }
    }

    /// <summary>The next claims of these queues look at all rows.</summary>
    /// <returns>The names of the queues; none, meaning any, if one of them is not known here.</returns>
    private List<string> Stored(string queues)
    {
        if (queues.Length == 0)
        {
            lowWater.Stale();
            return [];
        }

        var ready = new List<string>();
        var areAllKnown = true;
        foreach (var part in queues.AsSpan().Split(','))
        {
            if (int.TryParse(queues.AsSpan()[part], NumberStyles.None, CultureInfo.InvariantCulture, out var queue))
            {
                lowWater.Stale(queue);
                if (names.QueueName(queue) is { } name)
                {
                    ready.Add(name);
                }
                else
                {
                    areAllKnown = false;
                }
            }
        }

        return areAllKnown ? ready : [];
    }

    private sealed class Listener(Hints owner, Action<IReadOnlyCollection<string>> onHint) : IDisposable
    {
        public void Dispose()
        {
            lock (owner._lock)
            {
                _ = owner._listeners.Remove(onHint);
            }
        }
    }
}
