using Simmer.Load.Measuring;
using Simmer.Load.Running;

namespace Simmer.Load.Scenarios;

/// <summary>An idle system: from the call that enqueues a job to the first line of its handler.</summary>
internal static class Idle
{
    public const string Name = "idle";
    public const string ElsewhereName = "idle, worker in another process";

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(12);

    public static async Task RunAsync(Stage stage)
    {
        await MeasureAsync(stage, Name, new Shape(1));
        if (stage.Setting.IsDurable)
        {
            await MeasureAsync(stage, ElsewhereName, new Shape(1, Processes: 2));
        }
    }

    private static Task MeasureAsync(Stage stage, string name, Shape shape) =>
        stage.RoundsAsync(shape.Processes, stage.Plan.Rounds, async rig =>
    {
        var line = stage.Line(Topic.Start, name, shape);
        return (await rig.MeasureAsync(line, r => Callers.RareAsync(r.Jobs, shape, stage.Plan.IdleJobs, s_pause)))
            .Only(Figure.StartP50, Figure.StartP99);
    });
}
