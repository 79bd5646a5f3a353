using Peers.Measuring;
using Peers.Running;
using Peers.Servers;

namespace Peers.Contestants;

/// <summary>A queue with workers in other processes.</summary>
/// <param name="Name">Its name for <c>--only</c>.</param>
/// <param name="Title">Its name in the table.</param>
/// <param name="Kind">Where it keeps its jobs.</param>
/// <param name="Settings">What is set and why.</param>
/// <param name="Launch">Starts a process of it that connects to an address. Commands tell the process what to do.</param>
internal sealed record QueueContestant(string Name, string Title, GroundKind Kind, string Settings, Func<string, Launch> Launch)
    : Contestant(Name, Title, Kind, Settings)
{
    /// <summary>Whether it has a call that enqueues many jobs in fewer round trips.</summary>
    public bool HasBulk { get; init; } = true;

    /// <summary>How many jobs its worker drains: fewer where 100,000 would take minutes.</summary>
    public int Jobs { get; init; } = 100_000;

    /// <summary>How often its worker polls, if nothing wakes it. In the idle system jobs must come less often than that.</summary>
    public TimeSpan Polls { get; init; }

    /// <summary>Whether a job takes a shorter way if the process that enqueues it also works.</summary>
    public bool StartsHere { get; init; }

    public override Task RunAsync(Plan plan, Grounds grounds, Score score, CancellationToken cancellationToken) =>
        new QueueCourse(this, plan, grounds, score).RunAsync(cancellationToken);
}
