using Simmer.Load.Measuring;
using Simmer.Load.Running;

namespace Simmer.Load.Scenarios;

/// <summary>From enqueue to start at half of the rate that 64 callers reach, measured just before.</summary>
internal static class HalfLoad
{
    public static Task RunAsync(Stage stage)
    {
        var (shape, round) = (new Shape(EndToEnd.Busy), stage.Plan.Round);
        var line = stage.Line(Topic.Start, "half load", shape);
        return stage.RoundsAsync(shape.Processes, stage.Plan.Rounds, async rig =>
        {
            var full = await rig.MeasureAsync(line, r => Callers.ForAsync(r.Jobs, shape, round));
            var half = await rig.MeasureAsync(line, r => Callers.PacedAsync(r.Jobs, shape, full[Figure.JobsPerSecond]!.Value / 2, round));
            return half.Only(Figure.JobsPerSecond, Figure.StartP50, Figure.StartP99);
        });
    }
}
