using Peers.Measuring;
using Peers.Running;
using Peers.Servers;

namespace Peers.Contestants;

/// <summary>A queue with workers in other processes.</summary>
/// <param name="Name">As <c>--only</c> names it.</param>
/// <param name="Title">As the table names it.</param>
/// <param name="Kind">Where it keeps its jobs.</param>
/// <param name="Settings">What is set and why.</param>
/// <param name="Launch">Starts a process of it on an address; what the process is to do, it is told.</param>
internal sealed record QueueContestant(string Name, string Title, GroundKind Kind, string Settings, Func<string, Launch> Launch)
    : Contestant(Name, Title, Kind, Settings)
{
    /// <summary>Whether it has a call that enqueues many jobs in fewer round trips.</summary>
    public bool HasBulk { get; init; } = true;

    /// <summary>How many jobs its worker drains: fewer where 100,000 would take minutes.</summary>
    public int Jobs { get; init; } = 100_000;

    /// <summary>How often its worker looks for jobs, if nothing wakes it: jobs of an idle system must come more seldom than that.</summary>
    public TimeSpan Polls { get; init; }

    /// <summary>Whether a job starts another way where the process that enqueues it also works.</summary>
    public bool StartsHere { get; init; }

    public override Task RunAsync(Plan plan, Grounds grounds, Score score, CancellationToken cancellationToken) =>
        new QueueCourse(this, plan, grounds, score).RunAsync(cancellationToken);
}
