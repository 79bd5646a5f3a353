using Simmer.Load.Measuring;
using Simmer.Load.Running;
using Simmer.Load.Scenarios;

namespace Simmer.Load.Reporting;

/// <summary>Finds figures among the lines of a run, and holds them against promises.</summary>
internal sealed class Measured(IReadOnlyList<Measurement> lines)
{
    public double? Find(Setting setting, string scenario, int callers, Figure figure) =>
        lines.FirstOrDefault(l => l.Topic != Topic.Transactions && l.Setting == setting && l.Scenario == scenario
            && l.Shape.Callers == callers)?[figure];

    public BudgetLine AtLeast(string promise, double target, string format, Setting setting, string scenario, int callers, Figure figure) =>
        new(promise, target, Find(setting, scenario, callers, figure), AtLeast: true, format);

    public BudgetLine AtMost(string promise, double target, string format, Setting setting, string scenario, int callers, Figure figure) =>
        new(promise, target, Find(setting, scenario, callers, figure), AtLeast: false, format);

    public IEnumerable<BudgetLine> AtRest(Setting setting) =>
    [
        AtMost($"{setting.StoreName}, idle process, share of a core", 0.005, "P2", setting, Rest.Name, 0, Figure.CpuShare),
        .. setting.IsDurable
            ? [AtMost($"{setting.StoreName}, idle process, statements a minute", 15, "N0", setting, Rest.Name, 0,
                Figure.StatementsPerMinute)]
            : Array.Empty<BudgetLine>(),
    ];

    public BudgetLine Backlog(Setting setting) => new(
        $"{setting.StoreName}, kept {setting.KeepName}, rate with 1,000,000 waiting against 10,000",
        0.7,
        Find(setting, Drain.Name(Drain.Many), 0, Figure.JobsPerSecond) / Find(setting, Drain.Name(Drain.Few), 0, Figure.JobsPerSecond),
        AtLeast: true,
        "P0");

    public IEnumerable<BudgetLine> OfWorkflows(Setting setting) =>
    [
        AtLeast($"{setting.StoreName}, chains of three against three jobs in one call, 64 callers", 0.6, "P0", setting, Chains.Name,
            EndToEnd.Busy, Figure.ShareOfIndependent),
        AtLeast($"{setting.StoreName}, fan-out of 10,000 and a join against 10,000 jobs in one call", 0.6, "P0", setting, FanOut.Name, 1,
            Figure.ShareOfIndependent),
        AtMost($"{setting.StoreName}, enqueue of a workflow of 10,000 steps, ms", 1_000, "N0", setting,
            LargeWorkflow.Name(LargeWorkflow.Some), 1, Figure.CallMilliseconds),
        new(
            $"{setting.StoreName}, enqueue a step of a workflow of 100,000 against 1,000, times",
            2,
            Find(setting, LargeWorkflow.Name(LargeWorkflow.Many), 1, Figure.MicrosecondsPerStep) / Find(setting,
                LargeWorkflow.Name(LargeWorkflow.Few), 1, Figure.MicrosecondsPerStep),
            AtLeast: false,
            "N1"),
    ];
}
