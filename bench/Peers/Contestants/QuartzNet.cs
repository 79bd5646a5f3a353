using Peers.Installing;
using Peers.Running;
using Peers.Servers;

namespace Peers.Contestants;

/// <summary>Quartz.NET is a scheduler first of all. It finds what another process has scheduled when it next looks, at best a second
/// later.</summary>
internal static class QuartzNet
{
    public const string Name = "quartz";

    public static QueueContestant Contestant { get; } = new(
        Name,
        "Quartz.NET",
        GroundKind.Postgres,
        "clustered, MaxConcurrency 32, MaxBatchSize automatic: as many, IdleWaitTime 1 s, the least it allows; "
        + "one durable job and a trigger for each call (its page \"Coming from Hangfire\"); in bulk, ScheduleJob with many triggers; "
            + "deletes triggers that have fired",
        static address => Launch.This(PeerCommand.Name, Name, address))
    {
        Tools = [Tool.Postgres],
        Jobs = 20_000,
        Polls = TimeSpan.FromSeconds(1),
        StartsHere = true,
    };
}
