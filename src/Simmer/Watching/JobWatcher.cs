using System.Collections.Concurrent;
using Simmer.Execution;

namespace Simmer.Watching;

/// <summary>Tells those who watch a job that it may have changed; they read it anew. Free when nobody watches.</summary>
internal sealed class JobWatcher(TimeProvider time)
{
    private readonly ConcurrentDictionary<JobId, List<Watch>> _watches = new();

    public void Notify(JobId id)
    {
        if (_watches.IsEmpty)
        {
            return;
        }

        if (_watches.TryGetValue(id, out var watches))
        {
            Wake(watches);
        }

        // Of a job that is no step this is the id of no workflow.
        Notify(WorkflowId.OfStep(id));
    }

    public void Notify(WorkflowId id)
    {
        if (!_watches.IsEmpty && _watches.TryGetValue(KeyOf(id), out var watches))
        {
            Wake(watches);
        }
    }

    public Watch Begin(WorkflowId id) => Begin(KeyOf(id));

    /// <summary>Something changed in the store by another process.</summary>
    public void NotifyAll()
    {
        foreach (var watches in _watches.Values)
        {
            Wake(watches);
        }
    }

    public Watch Begin(JobId id)
    {
        var watch = new Watch(this, id, new Pulse(time));
        while (true)
        {
            var list = _watches.GetOrAdd(id, static _ => []);
            lock (list)
            {
                // An emptied list may just have left the dictionary.
                if (_watches.TryGetValue(id, out var present) && ReferenceEquals(present, list))
                {
                    list.Add(watch);
                    return watch;
                }
            }
        }
    }

    // A workflow's own id is that of no step: these are numbered from 1.
    private static JobId KeyOf(WorkflowId id) => new(id.Value);

    private static void Wake(List<Watch> watches)
    {
        lock (watches)
        {
            foreach (var watch in watches)
            {
                watch.Pulse.Set();
            }
        }
    }

    private void End(Watch watch)
    {
        if (_watches.TryGetValue(watch.Id, out var list))
        {
            lock (list)
            {
                list.Remove(watch);
                if (list.Count == 0)
                {
                    _watches.TryRemove(watch.Id, out _);
                }
            }
        }
    }

    internal sealed class Watch(JobWatcher watcher, JobId id, Pulse pulse) : IDisposable
    {
        public JobId Id => id;

        public Pulse Pulse => pulse;

        public void Dispose() => watcher.End(this);
    }
}
