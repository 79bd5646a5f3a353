using System.Globalization;
using System.Text.Json.Serialization;
using Simmer.Load.Measuring;
using Simmer.Load.Running;
using Simmer.Load.Scenarios;

namespace Simmer.Load.Reporting;

/// <summary>One promise of the design beside what was measured.</summary>
/// <param name="Promise">What is promised, in words.</param>
/// <param name="Target">The figure that is promised.</param>
/// <param name="Measured">Null: this run did not measure it.</param>
/// <param name="AtLeast">Whether more is better.</param>
/// <param name="Format">How both are written.</param>
internal sealed record BudgetLine(string Promise, double Target, double? Measured, bool AtLeast, [property: JsonIgnore] string Format)
{
    public bool? Met => Measured is { } value ? (AtLeast ? value >= Target : value <= Target) : null;

    /// <summary>How far it is from the target, more than 1 being better.</summary>
    [JsonIgnore]
    public double Reached => (AtLeast ? Measured / Target : Target / Measured) ?? 0;

    public string Text(double? value) => value?.ToString(Format, CultureInfo.InvariantCulture) ?? "not measured";
}

/// <summary>The design's budget for memory and SQLite.</summary>
internal static class Budget
{
    private static readonly Setting s_memory = new(StoreChoice.Memory, Keep: false);
    private static readonly Setting s_memoryKept = new(StoreChoice.Memory, Keep: true);
    private static readonly Setting s_full = new(StoreChoice.Full, Keep: false);
    private static readonly Setting s_fullKept = new(StoreChoice.Full, Keep: true);

    public static IReadOnlyList<BudgetLine> Of(IReadOnlyList<Measurement> lines)
    {
        return
        [
            .. Best(AtLeast("memory, jobs/s, calls of 1,000", 1_500_000, Bulk.Name, 2), AtLeast("memory, jobs/s, 64 callers", 1_500_000, EndToEnd.Name, EndToEnd.Busy)),
            .. Best(
                AtMost("memory, bytes a job, calls of 1,000", 700, "N0", s_memory, Bulk.Name, 2, Figure.BytesPerJob),
                AtMost("memory, bytes a job, 64 callers", 700, "N0", s_memory, EndToEnd.Name, EndToEnd.Busy, Figure.BytesPerJob)),
            new("SQLite FULL, jobs/s, 64 callers, nothing kept", 100_000, Find(s_full, EndToEnd.Name, EndToEnd.Busy, Figure.JobsPerSecond), AtLeast: true, "N0"),
            new("SQLite FULL, jobs/s, 64 callers, kept 1 day", 60_000, Find(s_fullKept, EndToEnd.Name, EndToEnd.Busy, Figure.JobsPerSecond), AtLeast: true, "N0"),
            new("SQLite FULL, 64 callers, times one transaction an operation", 20, Find(s_full, EndToEnd.Name, EndToEnd.Busy, Figure.TimesPlain), AtLeast: true, "N1"),
            new("SQLite FULL, 64 callers, kept 1 day, times one transaction an operation", 20, Find(s_fullKept, EndToEnd.Name, EndToEnd.Busy, Figure.TimesPlain), AtLeast: true, "N1"),
            AtMost("memory idle, enqueue to start p50, µs", 100, "N0", s_memory, Idle.Name, 1, Figure.StartP50),
            AtMost("memory idle, enqueue to start p99, µs", 2_000, "N0", s_memory, Idle.Name, 1, Figure.StartP99),
            AtMost("SQLite FULL idle, enqueue to start p50, µs", 400, "N0", s_full, Idle.Name, 1, Figure.StartP50),
            AtMost("SQLite FULL idle, enqueue to start p99, µs", 5_000, "N0", s_full, Idle.Name, 1, Figure.StartP99),
            AtMost("SQLite FULL idle, start in another process p50, µs", 400, "N0", s_full, Idle.ElsewhereName, 1, Figure.StartP50),
            AtMost("SQLite FULL idle, start in another process p99, µs", 5_000, "N0", s_full, Idle.ElsewhereName, 1, Figure.StartP99),
            .. new[] { s_memory, s_full }.SelectMany(AtRest),
            .. new[] { s_memory, s_full, s_fullKept }.Select(Backlog),
            .. new[] { s_memoryKept, s_fullKept }.SelectMany(OfWorkflows),
            AtMost("SQLite FULL idle, end of a step to start of the next p50, µs", 1_000, "N0", s_fullKept, Handover.Name, 1, Figure.StartP50),
        ];

        BudgetLine AtLeast(string promise, double target, string scenario, int callers) =>
            new(promise, target, Find(s_memory, scenario, callers, Figure.JobsPerSecond), AtLeast: true, "N0");

        BudgetLine AtMost(string promise, double target, string format, Setting setting, string scenario, int callers, Figure figure) =>
            new(promise, target, Find(setting, scenario, callers, figure), AtLeast: false, format);

        IEnumerable<BudgetLine> AtRest(Setting setting) =>
        [
            AtMost($"{setting.StoreName}, idle process, share of a core", 0.005, "P2", setting, Rest.Name, 0, Figure.CpuShare),
            .. setting.IsSqlite ? [AtMost($"{setting.StoreName}, idle process, statements a minute", 15, "N0", setting, Rest.Name, 0, Figure.StatementsPerMinute)] : Array.Empty<BudgetLine>(),
        ];

        BudgetLine Backlog(Setting setting) => new(
            $"{setting.StoreName}, kept {setting.KeepName}, rate with 1,000,000 waiting against 10,000",
            0.7,
            Find(setting, Drain.Name(Drain.Many), 0, Figure.JobsPerSecond) / Find(setting, Drain.Name(Drain.Few), 0, Figure.JobsPerSecond),
            AtLeast: true,
            "P0");

        IEnumerable<BudgetLine> OfWorkflows(Setting setting) =>
        [
            new($"{setting.StoreName}, chains of three against three jobs in one call, 64 callers", 0.6, Find(setting, Chains.Name, EndToEnd.Busy, Figure.ShareOfIndependent), AtLeast: true, "P0"),
            new($"{setting.StoreName}, fan-out of 10,000 and a join against 10,000 jobs in one call", 0.6, Find(setting, FanOut.Name, 1, Figure.ShareOfIndependent), AtLeast: true, "P0"),
            AtMost($"{setting.StoreName}, enqueue of a workflow of 10,000 steps, ms", 1_000, "N0", setting, LargeWorkflow.Name(LargeWorkflow.Some), 1, Figure.CallMilliseconds),
            new(
                $"{setting.StoreName}, enqueue a step of a workflow of 100,000 against 1,000, times",
                2,
                Find(setting, LargeWorkflow.Name(LargeWorkflow.Many), 1, Figure.MicrosecondsPerStep) / Find(setting, LargeWorkflow.Name(LargeWorkflow.Few), 1, Figure.MicrosecondsPerStep),
                AtLeast: false,
                "N1"),
        ];

        double? Find(Setting setting, string scenario, int callers, Figure figure) =>
            lines.FirstOrDefault(l => l.Topic != Topic.Transactions && l.Setting == setting && l.Scenario == scenario && l.Shape.Callers == callers)?[figure];
    }

    // The same promise measured in two ways.
    private static IEnumerable<BudgetLine> Best(params BudgetLine[] ways) => ways.OrderByDescending(static w => w.Reached);
}
