using Peers.Contestants;
using Peers.Installing;
using Peers.Measuring;
using Peers.Servers;
using Spectre.Console;

namespace Peers.Running;

/// <summary>Lets all contestants have their turn, round after round, so that what disturbs the machine disturbs all of them. Never two at
/// once.</summary>
internal sealed class PeersRun(Plan plan, IReadOnlyList<Contestant> contestants)
{
    private readonly Dictionary<Contestant, Score> _scores = contestants.ToDictionary(static c => c, static _ => new Score());

    public async Task<Result> RunAsync(CancellationToken cancellationToken)
    {
        await Tools.NeedAsync([.. contestants.SelectMany(static c => c.Tools).Distinct()], cancellationToken);
        await using var grounds = new Grounds();
        var servers = await grounds.DescribeAsync([.. contestants.Select(static c => c.Ground).OfType<GroundKind>()], cancellationToken);
        for (var round = 1; round <= plan.Rounds; round++)
        {
            foreach (var contestant in contestants.Where(c => _scores[c].Failure is null))
            {
                AnsiConsole.MarkupLineInterpolated($"[grey]round {round} of {plan.Rounds}: {contestant.Name}[/]");
                await TakeTurnAsync(contestant, grounds, cancellationToken);
            }
        }

        return new Result(plan, _scores, servers);
    }

    /// <summary>One that fails is left out from then on; the others go on.</summary>
    private async Task TakeTurnAsync(Contestant contestant, Grounds grounds, CancellationToken cancellationToken)
    {
        try
        {
            await contestant.RunAsync(plan, grounds, _scores[contestant], cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            _scores[contestant].Failure = exception.Message;
            AnsiConsole.MarkupLineInterpolated($"[red]{contestant.Name} failed: {exception.Message}[/]");
        }
    }
}
