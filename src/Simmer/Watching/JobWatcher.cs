using System.Collections.Concurrent;
using Simmer.Runtime;

namespace Simmer.Watching;

/// <summary>Signals all watches of a job or workflow that it may have changed; they then read it anew. It costs nothing while nobody
/// watches.</summary>
internal sealed class JobWatcher
{
    private readonly ConcurrentDictionary<WatchKey, List<Watch>> _watches = new();
    private readonly TimeProvider _time;
    private readonly WatchPoll _poll;
    private long _begun;

    // Counted separately: a ConcurrentDictionary takes all its locks to say that it is empty, as this one mostly is.
    private int _watching;

    public JobWatcher(TimeProvider time, WorkStarter starter) => (_time, _poll) = (time, new WatchPoll(this, time, starter));

    public bool IsEmpty => Volatile.Read(ref _watching) == 0;

    /// <summary>The ends of jobs that the store does not keep.</summary>
    public EndedJobs Ended { get; } = new();

    public void Notify(JobId id)
    {
        if (IsEmpty)
        {
            return;
        }

        Wake(new WatchKey(id.Value, Watched.Job));

        // For a job that is no step, this is the id of no workflow, and nobody watches it.
        Notify(WorkflowId.OfStep(id));
    }

    public void Notify(WorkflowId id)
    {
        if (!IsEmpty)
        {
            Wake(new WatchKey(id.Value, Watched.Workflow));
            Wake(new WatchKey(id.Value, Watched.WorkflowEnd));
        }
    }

    /// <summary>Signals every watch: another process has changed something in the store.</summary>
    public void NotifyAll()
    {
        if (!IsEmpty)
        {
            _poll.Wake();
        }
    }

    public Watch Begin(JobId id) => Begin(new WatchKey(id.Value, Watched.Job));

    /// <param name="id">The workflow.</param>
    /// <param name="counted">Whether every change of a step counts. If not, only the workflow's own row is looked at.</param>
    public Watch Begin(WorkflowId id, bool counted) => Begin(new WatchKey(id.Value, counted ? Watched.Workflow : Watched.WorkflowEnd));

    /// <summary>All present watches.</summary>
    public List<Watch> All()
    {
        var all = new List<Watch>();
        foreach (var watches in _watches.Values)
        {
            lock (watches)
            {
                all.AddRange(watches);
            }
        }

        return all;
    }

    public void End(Watch watch)
    {
        if (_watches.TryGetValue(watch.Key, out var list))
        {
            lock (list)
            {
                if (!list.Remove(watch))
                {
                    return;
                }

                if (list.Count == 0)
                {
                    _watches.TryRemove(watch.Key, out _);
                }
            }

            _ = Interlocked.Decrement(ref _watching);
        }
    }

    private Watch Begin(WatchKey key)
    {
        var watch = new Watch(this, key, Interlocked.Increment(ref _begun), new Pulse(_time));

        // Counted before the first look, so that a change that happens after that look finds that somebody watches.
        _ = Interlocked.Increment(ref _watching);
        while (!TryAdd(watch))
        {
        }

        _poll.Begin();
        return watch;
    }

    private bool TryAdd(Watch watch)
    {
        var list = _watches.GetOrAdd(watch.Key, static _ => []);
        lock (list)
        {
            // Another thread may have emptied this list and removed it from the dictionary; then a new one is needed.
            if (!_watches.TryGetValue(watch.Key, out var present) || !ReferenceEquals(present, list))
            {
                return false;
            }

            list.Add(watch);
            return true;
        }
    }

    private void Wake(WatchKey key)
    {
        if (!_watches.TryGetValue(key, out var watches))
        {
            return;
        }

        lock (watches)
        {
            foreach (var watch in watches)
            {
                watch.Pulse.Set();
            }
        }
    }
}
