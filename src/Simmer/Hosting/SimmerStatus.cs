using Simmer.Diagnostics;
using Simmer.Runtime;
using Simmer.Storage;

namespace Simmer.Hosting;

/// <summary>How this process is doing, for health checks.</summary>
internal sealed class SimmerStatus
{
    /// <summary>How long an answer counts as fresh. A load balancer, an orchestrator and a monitor may ask at the same time, and
    /// often.</summary>
    private static readonly TimeSpan s_fresh = TimeSpan.FromSeconds(1);

    private readonly SimmerNode _node;
    private readonly SharedAnswer<IReadOnlyList<QueueRecord>> _queues;

    public SimmerStatus(SimmerNode node)
    {
        _node = node;
        _queues = new(node.Context.Time, node.Context.Starter, s_fresh, AskQueuesAsync);
    }

    /// <summary>The durable store, or memory if there is none.</summary>
    public IJobBrowser Browser => (_node.Durable ?? _node.Memory).Store.Browser;

    public string StoreName => (_node.Durable ?? _node.Memory).Store.Name;

    public bool IsDurable => _node.Durable is not null;

    public TimeSpan Lease => _node.Context.Options.Lease;

    /// <summary>How long ago the store last confirmed this worker's lease; null if it never did, or if there is only memory, which has no
    /// lease.</summary>
    public TimeSpan? SinceLeaseConfirmed => _node.Durable?.Leases?.ConfirmedAt is { } at ? _node.Context.Time.GetElapsedTime(at) : null;

    /// <summary>How many handlers were told to stop and still run.</summary>
    public long StuckHandlers => _node.Context.Metrics.StuckNow;

    /// <summary>Kinds of ready jobs that no handler here knows.</summary>
    public IReadOnlyList<string> UnknownKinds => _node.Durable?.Unknown?.Met ?? [];

    /// <summary>Why the store refuses what this process sends, although it answers; null if it takes it.</summary>
    public string? Obstacle => _node.Durable?.Flusher.Obstacle;

    /// <summary>How many ends of jobs the store refuses at present, and one of them; null if none.</summary>
    public (int Count, Refusal One)? RefusedEnds => _node.Durable?.Flusher.RefusedEnds;

    /// <summary>The jobs that this process has set aside because their rows cannot be used.</summary>
    public IReadOnlyList<SetAsideJob> SetAside => _node.Durable?.SetAside.Present ?? [];

    public int Running => _node.Engines.All.Sum(static l => l.Table.Count);

    /// <summary>The queues of all stores of this process, at most a second old.</summary>
    public Task<IReadOnlyList<QueueRecord>> QueuesAsync(CancellationToken cancellationToken) => _queues.GetAsync(cancellationToken);

    private async Task<IReadOnlyList<QueueRecord>> AskQueuesAsync()
    {
        CallerContext.Leave();
        var all = new List<QueueRecord>();
        foreach (var engine in _node.Engines.All)
        {
            all.AddRange(await engine.Store.Browser.QueuesAsync(CancellationToken.None));
        }

        if (_node.AfterResponse.Waiting() is { } tasks)
        {
            all.Add(tasks);
        }

        return all;
    }

    public DateTimeOffset Now => _node.Context.Now;
}
