namespace Simmer.Execution;

/// <summary>The slots of one queue in this process. An in-memory queue beside a durable store has two lines (its own and the one for spilled jobs) and one set of slots.</summary>
internal sealed class QueueSlots(string name, QueueOptions options, OwnThreads? threads = null)
{
    private QueueLine? _first;
    private QueueLine? _second;

    public Lock Gate { get; } = new();

    /// <summary>The stored name.</summary>
    public string Name { get; } = name;

    public QueueOptions Options { get; } = options;

    /// <summary>The threads of its handlers; null: those of the pool.</summary>
    public OwnThreads? Threads { get; } = threads;

    /// <summary>Running jobs of all lines. Under the gate.</summary>
    public int Running { get; set; }

    public void Join(QueueLine line)
    {
        if (_first is null)
        {
            _first = line;
        }
        else
        {
            _second = line;
        }
    }

    /// <summary>The other line, which may have been waiting for a slot.</summary>
    public QueueLine? Other(QueueLine line) => ReferenceEquals(line, _first) ? _second : _first;
}
