using Peers.Running;
using Peers.Servers;

namespace Peers.Contestants;

internal static class SimmerOnSqlite
{
    public const string Name = "simmer-sqlite";
    public const string KeepingName = "simmer-sqlite-kept";

    public static QueueContestant KeepsNothing { get; } = With(Name, "Simmer, SQLite", "keeps nothing");

    public static QueueContestant KeepsADay { get; } =
        With(KeepingName, "Simmer, SQLite, 1 day", "keeps succeeded jobs for 1 day, its default");

    private static QueueContestant With(string name, string title, string keeps) => new(
        name, title, GroundKind.Folder, $"synchronous FULL and all else as it comes; EnqueueManyAsync; {keeps}", address =>
            Launch.This(PeerCommand.Name, name, address))
    {
        StartsHere = true,
    };
}
