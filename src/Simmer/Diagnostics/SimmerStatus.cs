using Simmer.Hosting;
using Simmer.Storage;

namespace Simmer.Diagnostics;

/// <summary>How this process is doing, for health checks.</summary>
internal sealed class SimmerStatus(SimmerNode node)
{
    /// <summary>The durable store, or memory if there is none.</summary>
    public IJobBrowser Browser => (node.Durable ?? node.Memory).Store.Browser;

    public string StoreName => (node.Durable ?? node.Memory).Store.Name;

    public bool IsDurable => node.Durable is not null;

    public TimeSpan Lease => node.Engine.Options.Lease;

    /// <summary>How long ago the store last confirmed this worker's lease; null: never, or there is no lease in memory.</summary>
    public TimeSpan? SinceLeaseConfirmed => node.Durable?.Leases?.ConfirmedAt is { } at ? node.Engine.Time.GetElapsedTime(at) : null;

    /// <summary>Handlers that were told to stop and go on right now.</summary>
    public long StuckHandlers => node.Engine.Metrics.StuckNow;

    /// <summary>Kinds of ready jobs that no handler here knows.</summary>
    public IReadOnlyList<string> UnknownKinds => node.Durable?.Unknown?.Met ?? [];

    public int Running => node.Lanes.Sum(static l => l.Table.Count);

    /// <summary>The queues of all stores of this process.</summary>
    public async ValueTask<IReadOnlyList<QueueRecord>> QueuesAsync(CancellationToken cancellationToken)
    {
        var all = new List<QueueRecord>();
        foreach (var lane in node.Lanes)
        {
            all.AddRange(await lane.Store.Browser.QueuesAsync(cancellationToken));
        }

        if (node.AfterResponse.Waiting() is { } tasks)
        {
            all.Add(tasks);
        }

        return all;
    }

    public DateTimeOffset Now => node.Engine.Now;
}
