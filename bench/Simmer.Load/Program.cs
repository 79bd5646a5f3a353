using System.CommandLine;
using Simmer.Load.Measuring;
using Simmer.Load.Reporting;
using Simmer.Load.Running;

// The first run of a process is slower than the second: warm up, measure in rounds, report medians.
var quick = new Option<bool>("--quick") { Description = "About two minutes: shorter rounds, 1 and 64 callers, small backlogs." };
var all = new Option<bool>("--all") { Description =
    "Everything the budget asks for: 1 to 256 callers, both retentions of every store, 1,000,000 waiting jobs." };
var json = new Option<FileInfo?>("--json") { Description = "Also writes what was measured to this file." };
var markdown = new Option<bool>("--markdown") { Description = "Prints the tables as Markdown." };
var stores = new Option<string[]>("--store") { Description = "Only these stores.", AllowMultipleArgumentsPerToken = true };
stores.AcceptOnlyFromAmong([.. Enum.GetNames<StoreChoice>().Select(static s => s.ToLowerInvariant())]);
var only = new Option<string[]>("--only") { Description = "Only these scenarios.", AllowMultipleArgumentsPerToken = true };
only.AcceptOnlyFromAmong([.. LoadRun.Names]);
var postgres = new Option<string?>("--postgres") { Description =
    "A superuser's connection string of the PostgreSQL server to use for --store postgres; without it one is started." };
var types = new Option<bool>("--types") { Description = "Also shows what was allocated most, by sampling; the figures suffer from it." };
var root =
    new RootCommand("Measures Simmer under load, with its baselines in the same run. Ratios count; absolute figures are this machine's.") {
        quick, all, json, markdown, stores, only, postgres, types };
root.SetAction(async (parsed, _) =>
{
    var plan = LoadPlan.Make(parsed.GetValue(quick), parsed.GetValue(all), parsed.GetValue(stores) ?? []);
    LoadTable.SetWidth(parsed.GetValue(markdown));
    using var allocated = parsed.GetValue(types) ? new AllocatedTypes() : null;
    await using var grounds = new Grounds(parsed.GetValue(postgres));
    var measurements = await new LoadRun(plan, grounds, parsed.GetValue(only) ?? []).RunAsync();
    allocated?.Print();
    LoadTable.Print(measurements, parsed.GetValue(markdown));
    if (await grounds.DescribeAsync() is { } server)
    {
        Console.WriteLine(server);
    }

    BudgetTable.Print(Budget.Of(measurements), parsed.GetValue(markdown));
    if (parsed.GetValue(json) is { } file)
    {
        LoadJson.Write(file, plan, measurements);
    }

    return 0;
});

// The other process is this same program.
var store = new Argument<StoreChoice>("store");
var address = new Argument<string>("address");
var keep = new Option<bool>(WorkerProcess.Keep);
var trace = new Option<bool>(WorkerProcess.Trace);
var doomed = new Option<bool>(WorkerProcess.Doomed);
var worker = new Command(WorkerProcess.Command, "Runs jobs for another process that measures.") { store, address, keep, trace, doomed };
worker.Hidden = true;
worker.SetAction((parsed, _) => WorkerProcess
    .ServeAsync(new Setting(parsed.GetValue(store), parsed.GetValue(keep)), parsed.GetRequiredValue(address), parsed.GetValue(trace),
    parsed.GetValue(doomed)));
root.Subcommands.Add(worker);
return await root.Parse(args).InvokeAsync();
