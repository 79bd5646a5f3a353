using Peers.Installing;
using Peers.Running;
using Peers.Servers;

namespace Peers.Contestants;

internal static class GraphileWorker
{
    public static QueueContestant Contestant { get; } = new(
        "graphile-worker",
        "Graphile Worker",
        GroundKind.Postgres,
        "concurrentJobs 24, maxPoolSize 25, localQueue size 500, completeJobBatchDelay and failJobBatchDelay 0 (its page "
            + "\"Performance\"); addJobs; "
        + "deletes finished jobs",
        static address => Launch.Node("graphile-worker", address))
    {
        Tools = [Tool.Postgres, Tool.Npm],
    };
}
