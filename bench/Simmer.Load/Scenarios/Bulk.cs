using Simmer.Load.Baselines;
using Simmer.Load.Measuring;
using Simmer.Load.Running;

namespace Simmer.Load.Scenarios;

/// <summary>Jobs in calls of 1,000, two at a time: the most that the engine itself can do.</summary>
internal static class Bulk
{
    public const string Name = "end to end, calls of 1,000";

    private const int MemoryPerSecond = 400_000;
    private const int DurablePerSecond = 40_000;

    public static Task RunAsync(Stage stage)
    {
        var shape = new Shape(2, PerCall: Shape.Many);
        var jobs = (int)((stage.Setting.IsDurable ? DurablePerSecond : MemoryPerSecond) * stage.Plan.Round.TotalSeconds);
        return stage.RoundsAsync(stage.Line(Topic.Throughput, Name, shape), Steps.All, rig =>
        {
            var before = rig.Ran;
            return Callers.BulkAsync(rig.Jobs, shape, jobs, () => rig.Ran - before);
        });
    }
}
