using Peers.Installing;
using Peers.Measuring;
using Peers.Running;
using Peers.Servers;

namespace Peers.Contestants;

/// <summary>One line of the table.</summary>
/// <param name="Name">Its name for <c>--only</c>.</param>
/// <param name="Title">Its name in the table.</param>
/// <param name="Ground">Where it keeps its jobs; null: in its own process.</param>
/// <param name="Settings">What is set and why, with the page of its documentation that says so.</param>
internal abstract record Contestant(string Name, string Title, GroundKind? Ground, string Settings)
{
    public IReadOnlyList<Tool> Tools { get; init; } = [];

    /// <summary>One round.</summary>
    public abstract Task RunAsync(Plan plan, Grounds grounds, Score score, CancellationToken cancellationToken);
}
