using Peers.Installing;
using Peers.Running;
using Peers.Servers;

namespace Peers.Contestants;

/// <summary>It polls by default; told by LISTEN/NOTIFY it starts jobs sooner and enqueues fewer, since commits that notify wait for one another.</summary>
internal static class PgBoss
{
    private const string Common = "batchSize 500, localConcurrency 2, burstWhenBatchFull (its page \"Workers\"); insert; keeps completed jobs for 7 days, its default";

    public static QueueContestant Notified { get; } = new(
        "pg-boss", "pg-boss, notified", GroundKind.Postgres, $"useListenNotify, queue with notify; {Common}", static address => Launch.Node("pg-boss", address))
    {
        Tools = [Tool.Postgres, Tool.Npm],
    };

    public static QueueContestant Polling { get; } = new(
        "pg-boss-polling", "pg-boss, polling", GroundKind.Postgres, $"pollingIntervalSeconds 0.5, the least it allows; {Common}", static address => Launch.Node("pg-boss-polling", address))
    {
        Tools = [Tool.Postgres, Tool.Npm],
        Polls = TimeSpan.FromSeconds(0.5),
    };
}
