using Peers.Measuring;
using Peers.Running;
using Peers.Servers;

namespace Peers.Contestants;

/// <summary>A web server that runs tasks in its own process once the response is sent.</summary>
/// <param name="Name">Its name for <c>--only</c>.</param>
/// <param name="Title">Its name in the table.</param>
/// <param name="Settings">What is set and why.</param>
/// <param name="Launch">Starts it on a port.</param>
internal sealed record WebContestant(string Name, string Title, string Settings, Func<string, Launch> Launch)
    : Contestant(Name, Title, null, Settings)
{
    public override Task RunAsync(Plan plan, Grounds grounds, Score score, CancellationToken cancellationToken) =>
        new WebCourse(this, plan, score).RunAsync(cancellationToken);
}
