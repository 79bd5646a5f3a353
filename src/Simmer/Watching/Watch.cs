using Simmer.Execution;

namespace Simmer.Watching;

/// <summary>Somebody who waits until a job or a workflow is another than he saw.</summary>
internal sealed class Watch(JobWatcher watcher, WatchKey key, long number, Pulse pulse) : IDisposable
{
    private volatile SeenVersion? _seen;

    public WatchKey Key => key;

    /// <summary>Rises with each that begins.</summary>
    public long Number => number;

    /// <summary>Set when it may have changed.</summary>
    public Pulse Pulse => pulse;

    /// <summary>What he saw; null: he is about to look.</summary>
    public SeenVersion? Seen => _seen;

    public void Saw(StoreReads where, long version) => _seen = new SeenVersion(where, version);

    public void Dispose() => watcher.End(this);
}

/// <summary>What is watched.</summary>
/// <param name="Id">A job's or a workflow's.</param>
/// <param name="What">Which of them, and what of it.</param>
internal readonly record struct WatchKey(Guid Id, Watched What);

/// <summary>What somebody watches.</summary>
internal enum Watched
{
    Job,
    Workflow,

    /// <summary>Only whether it ends: its steps are not looked through.</summary>
    WorkflowEnd,
}

/// <summary>What a watch saw, and in which store.</summary>
internal sealed record SeenVersion(StoreReads Where, long Version);
