using Simmer.Load.Measuring;
using Simmer.Load.Reporting;
using Simmer.Load.Scenarios;
using Spectre.Console;

namespace Simmer.Load.Running;

/// <summary>Carries out a plan.</summary>
internal sealed class LoadRun(LoadPlan plan, Grounds grounds, IReadOnlyCollection<string> only)
{
    private const string Rest = "rest";

    private static readonly (string Name, Func<Stage, Task> Run)[] s_scenarios =
    [
        ("bulk", Bulk.RunAsync),
        ("calls", EndToEnd.OneProcessAsync),
        ("processes", EndToEnd.TwoProcessesAsync),
        ("large", EndToEnd.LargeAsync),
        ("handlers", Handlers.RunAsync),
        ("enqueue", EnqueueOnly.RunAsync),
        ("drain", Drain.RunAsync),
        ("idle", Idle.RunAsync),
        ("half", HalfLoad.RunAsync),
        ("workflows", Scenarios.Workflows.RunAsync),
        ("watched", Watched.RunAsync),
        ("transactions", Transactions.RunAsync),
        ("snapshot", OldSnapshot.RunAsync),
        ("killed", Killed.RunAsync),
        ("restarted", Restarted.RunAsync),
    ];

    private readonly List<Measurement> _lines = [];

    public static IReadOnlyList<string> Names { get; } = [.. s_scenarios.Select(static s => s.Name), Rest];

    public async Task<IReadOnlyList<Measurement>> RunAsync()
    {
        foreach (var setting in plan.Settings)
        {
            var stage = new Stage(plan, grounds, setting, Add);
            foreach (var scenario in s_scenarios.Where(s => Wants(s.Name)))
            {
                await scenario.Run(stage);
            }
        }

        if (Wants(Rest))
        {
            foreach (var line in await Scenarios.Rest.MeasureAsync(grounds, plan.Settings, plan.Rest))
            {
                Add(line);
            }
        }

        return _lines;
    }

    private bool Wants(string scenario) => only.Count == 0 || only.Contains(scenario);

    private void Add(Measurement line)
    {
        _lines.Add(line);
        var shape = $"keep {line.Setting.KeepName}, {line.Shape.Callers} callers";
        AnsiConsole.MarkupLineInterpolated($"[grey]{line.Scenario}, {line.Setting.StoreName}, {shape}: {LoadTable.InShort(line)}[/]");
    }
}
