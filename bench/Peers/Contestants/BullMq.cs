using Peers.Installing;
using Peers.Running;
using Peers.Servers;

namespace Peers.Contestants;

/// <summary>Its page "Going to production" asks for a log that is synced once a second: between these two.</summary>
internal static class BullMq
{
    public static QueueContestant Default { get; } = On("bullmq", "BullMQ", GroundKind.Redis);

    public static QueueContestant Always { get; } = On("bullmq-always", "BullMQ", GroundKind.RedisAlways);

    private static QueueContestant On(string name, string title, GroundKind redis) => new(
        name,
        title,
        redis,
        "concurrency 100 (\"Parallelism and concurrency\": 100 to 300 is usual); addBulk; removeOnComplete (\"Going to production\")",
        static address => Launch.Node("bullmq", address))
    {
        Tools = [Tool.Redis, Tool.Npm],
    };
}
