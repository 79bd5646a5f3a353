using Peers.Installing;
using Peers.Running;
using Peers.Servers;

namespace Peers.Contestants;

/// <summary>Celery has no call that sends many tasks in fewer round trips: a group sends them one by one.</summary>
internal static class Celery
{
    public static QueueContestant Default { get; } = On("celery", "Celery", GroundKind.Redis);

    public static QueueContestant Always { get; } = On("celery-always", "Celery", GroundKind.RedisAlways);

    private static QueueContestant On(string name, string title, GroundKind redis) => new(
        name,
        title,
        redis,
        "prefetch multiplier 128, no rate limits, broker_pool_limit as threads (its page \"Optimizing\"), task_ignore_result; prefork, a "
            + "process for each processor; "
        + "acknowledges a task before it runs, its default: what a worker was given is lost with it; 64 callers are 4 processes of 16 "
            + "threads",
        static address => Launch.Python("celery_peer.py", address))
    {
        Tools = [Tool.Redis, Tool.Celery],
        HasBulk = false,
        Jobs = 20_000,
    };
}
