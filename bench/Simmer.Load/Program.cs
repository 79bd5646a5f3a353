using System.CommandLine;
using Simmer.Load.Measuring;
using Simmer.Load.Reporting;
using Simmer.Load.Running;

// The first run of a process is slower than the second: warm up, measure in rounds, report medians.
var quick = new Option<bool>("--quick") { Description = "A run under a minute: fewer, shorter rounds, 1 and 64 callers." };
var all = new Option<bool>("--all") { Description = "Everything: also 8 and 256 callers, both retentions of every store." };
var json = new Option<FileInfo?>("--json") { Description = "Also writes what was measured to this file." };
var stores = new Option<string[]>("--store") { Description = "Only these stores: memory, full, normal.", AllowMultipleArgumentsPerToken = true };
var scenarios = new Option<string[]>("--only") { Description = "Only these scenarios: bulk, calls, idle, drain.", AllowMultipleArgumentsPerToken = true };
var types = new Option<bool>("--types") { Description = "Also shows what was allocated most, by sampling; the figures suffer from it." };
var command = new RootCommand("Measures Simmer under load, with its baselines in the same run. Ratios count; absolute figures are this machine's.") { quick, all, json, stores, scenarios, types };
command.SetAction(async (parsed, _) =>
{
    var plan = LoadPlan.Make(parsed.GetValue(quick), parsed.GetValue(all), parsed.GetValue(stores) ?? [], parsed.GetValue(scenarios) ?? []);
    using var allocated = parsed.GetValue(types) ? new AllocatedTypes() : null;
    var measurements = await new LoadRun(plan).RunAsync();
    allocated?.Print();
    LoadTable.Print(measurements);
    if (parsed.GetValue(json) is { } file)
    {
        LoadJson.Write(file, plan, measurements);
    }

    return 0;
});
return await command.Parse(args).InvokeAsync();
