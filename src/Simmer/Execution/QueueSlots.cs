using Simmer.Runtime;

namespace Simmer.Execution;

/// <summary>The slots of one queue in this process. An in-memory queue beside a durable store has two local queues (its own and the one for
/// spilled jobs) and one set of slots.</summary>
internal sealed class QueueSlots(string name, QueueOptions options, OwnThreads? threads = null)
{
    private LocalQueue? _first;
    private LocalQueue? _second;

    public Lock Gate { get; } = new();

    /// <summary>The stored name.</summary>
    public string Name { get; } = name;

    public QueueOptions Options { get; } = options;

    /// <summary>The threads of its handlers; null: those of the pool.</summary>
    public OwnThreads? Threads { get; } = threads;

    /// <summary>Running jobs of all local queues. Under the gate.</summary>
    public int Running { get; set; }

    public void Join(LocalQueue local)
    {
        if (_first is null)
        {
            _first = local;
        }
        else
        {
            _second = local;
        }
    }

    /// <summary>The other local queue, which may have been waiting for a slot.</summary>
    public LocalQueue? Other(LocalQueue local) => ReferenceEquals(local, _first) ? _second : _first;
}
