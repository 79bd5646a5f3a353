using Peers.Installing;
using Peers.Running;
using Peers.Servers;

namespace Peers.Contestants;

internal static class SimmerOnPostgres
{
    public const string Name = "simmer-postgres";
    public const string KeepingName = "simmer-postgres-kept";

    public static QueueContestant KeepsNothing { get; } = With(Name, "Simmer", "keeps nothing");

    public static QueueContestant KeepsADay { get; } = With(KeepingName, "Simmer, 1 day", "keeps succeeded jobs for 1 day, its default");

    private static QueueContestant With(string name, string title, string keeps) => new(
        name, title, GroundKind.Postgres, $"all as it comes; EnqueueManyAsync; {keeps}", address =>
            Launch.This(PeerCommand.Name, name, address))
    {
        Tools = [Tool.Postgres],
        StartsHere = true,
    };
}
