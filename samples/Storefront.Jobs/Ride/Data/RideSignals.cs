using System.Collections.Concurrent;

namespace Storefront.Ride;

/// <summary>Wakes the watchers of a ride when it has changed in this process. A signal carries no data: a watcher reads the
/// database.</summary>
public sealed class RideSignals
{
    private readonly ConcurrentDictionary<Guid, HashSet<RideListener>> _listeners = new();

    /// <summary>Listens until it is disposed.</summary>
    public RideListener Listen(Guid ride)
    {
        var listener = new RideListener(this, ride);
        while (true)
        {
            var listeners = _listeners.GetOrAdd(ride, _ => []);
            lock (listeners)
            {
                // The last of the others may just have left and taken the set along.
                if (_listeners.TryGetValue(ride, out var current) && current == listeners)
                {
                    listeners.Add(listener);
                    return listener;
                }
            }
        }
    }

    public void Raise(Guid ride)
    {
        if (_listeners.TryGetValue(ride, out var listeners))
        {
            lock (listeners)
            {
                foreach (var listener in listeners)
                {
                    listener.Wake();
                }
            }
        }
    }

    /// <summary>How many listen to a ride.</summary>
    public int CountOf(Guid ride)
    {
        if (!_listeners.TryGetValue(ride, out var listeners))
        {
            return 0;
        }

        lock (listeners)
        {
            return listeners.Count;
        }
    }

    internal void Leave(Guid ride, RideListener listener)
    {
        if (_listeners.TryGetValue(ride, out var listeners))
        {
            lock (listeners)
            {
                if (listeners.Remove(listener) && listeners.Count == 0)
                {
                    _listeners.TryRemove(ride, out _);
                }
            }
        }
    }
}

/// <summary>One watcher of a ride.</summary>
public sealed class RideListener(RideSignals signals, Guid ride) : IDisposable
{
    private readonly SemaphoreSlim _changed = new(0);

    /// <returns>Whether the ride has changed, in that time or before. One signal may stand for several changes.</returns>
    public Task<bool> WaitAsync(TimeSpan atMost, CancellationToken cancellationToken) => _changed.WaitAsync(atMost, cancellationToken);

    public void Dispose()
    {
        signals.Leave(ride, this);
        _changed.Dispose();
    }

    /// <summary>Called by one at a time.</summary>
    internal void Wake()
    {
        if (_changed.CurrentCount == 0)
        {
            _changed.Release();
        }
    }
}
