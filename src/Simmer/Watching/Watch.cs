using Simmer.Runtime;

namespace Simmer.Watching;

/// <summary>One caller that waits until a job or workflow differs from what it has seen.</summary>
internal sealed class Watch(JobWatcher watcher, WatchKey key, long number, Pulse pulse) : IDisposable
{
    private volatile SeenVersion? _seen;

    public WatchKey Key => key;

    /// <summary>The number of the watch; later ones have higher numbers.</summary>
    public long Number => number;

    /// <summary>Set when the job or workflow may have changed.</summary>
    public Pulse Pulse => pulse;

    /// <summary>What the caller has seen; null if it is about to read.</summary>
    public SeenVersion? Seen => _seen;

    public void Saw(StoreReads where, long version) => _seen = new SeenVersion(where, version);

    public void Dispose() => watcher.End(this);
}

/// <summary>The job or workflow that is watched.</summary>
/// <param name="Id">The id of the job or workflow.</param>
/// <param name="What">Whether it is a job or a workflow, and which of its changes count.</param>
internal readonly record struct WatchKey(Guid Id, Watched What);

/// <summary>Which changes a watch waits for.</summary>
internal enum Watched
{
    Job,
    Workflow,

    /// <summary>Only the end of a workflow: its steps are not read.</summary>
    WorkflowEnd,
}

/// <summary>The version that a watch has seen, and the store it comes from.</summary>
internal sealed record SeenVersion(StoreReads Where, long Version);
