using Peers.Installing;
using Peers.Running;
using Peers.Servers;

namespace Peers.Contestants;

/// <summary>pg-boss polls by default. With LISTEN/NOTIFY it starts jobs sooner and enqueues fewer, because commits that notify wait for one
/// another.</summary>
internal static class PgBoss
{
    private const string Common =
        "batchSize 500, localConcurrency 2, burstWhenBatchFull (its page \"Workers\"); insert; keeps completed jobs for 7 days, its "
            + "default";

    public static QueueContestant Notified { get; } = With("pg-boss", "pg-boss, notified", "useListenNotify, queue with notify");

    public static QueueContestant Polling { get; } =
        With("pg-boss-polling", "pg-boss, polling", "pollingIntervalSeconds 0.5, the least it allows")
            with { Polls = TimeSpan.FromSeconds(0.5) };

    private static QueueContestant With(string name, string title, string settings) =>
        new(name, title, GroundKind.Postgres, $"{settings}; {Common}", address => Launch.Node(name, address))
        {
            Tools = [Tool.Postgres, Tool.Npm],
        };
}
