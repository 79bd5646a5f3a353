using System.CommandLine;
using Peers.Contestants;
using Peers.Reporting;
using Peers.Running;

var only = new Option<string[]>("--only") { Description = "Only these contestants.", AllowMultipleArgumentsPerToken = true };
only.AcceptOnlyFromAmong([.. AllContestants.List.Select(static c => c.Name)]);
var quick = new Option<bool>("--quick") { Description = "One short round each: that everything works, with rough figures." };
var jobs = new Option<int?>("--jobs") { Description =
    "How many waiting jobs each worker drains, rounded down to thousands. Default: 100,000, or 20,000 where that would take minutes." };
var root = new RootCommand("Measures Simmer beside its peers, one after another on the same servers, and installs what they need.") { only,
    quick, jobs };
root.SetAction(async (parsed, cancellationToken) =>
{
    var names = parsed.GetValue(only) ?? [];
    var contestants = AllContestants.List.Where(c => names.Length == 0 || names.Contains(c.Name)).ToList();
    var result = await new PeersRun(Plan.Make(parsed.GetValue(quick), parsed.GetValue(jobs)), contestants).RunAsync(cancellationToken);
    Report.Print(result);
    return result.Scores.Values.Any(static s => s.Failure is not null) ? 1 : 0;
});
root.Subcommands.Add(PeerCommand.Queue());
root.Subcommands.Add(PeerCommand.Web());

// Servers and peers are stopped before the program ends, also when it is interrupted.
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(30) });
