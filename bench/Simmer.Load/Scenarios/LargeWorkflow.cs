using System.Diagnostics;
using Simmer.Load.Measuring;
using Simmer.Load.Running;

namespace Simmer.Load.Scenarios;

/// <summary>The one call that enqueues a large workflow, a group and a step that joins it. No worker runs them meanwhile. Small and large
/// ones by turns.</summary>
internal static class LargeWorkflow
{
    public const int Few = 1_000;
    public const int Some = 10_000;
    public const int Many = 100_000;

    public static Task RunAsync(Stage stage)
    {
        var shape = new Shape(1, Processes: 0);
        return Workflows.RoundsAsync(stage, shape.Processes, async rig =>
        {
            var lines = new List<Measurement>();
            foreach (var steps in stage.Plan.Workflows)
            {
                lines.Add(await MeasureAsync(rig, stage.Line(Topic.Workflows, Name(steps), shape), steps));
            }

            return lines;
        });
    }

    public static string Name(int steps) => FormattableString.Invariant($"enqueue one of {steps:N0} steps");

    private static async Task<Measurement> MeasureAsync(Rig rig, Measurement line, int steps)
    {
        var call = TimeSpan.Zero;
        var measured = await rig.MeasureAsync(line, async r =>
        {
            // Making the jobs is not what is measured; putting them together is.
            IJob[] jobs = [.. Enumerable.Range(0, steps - 1).Select(_ => line.Shape.Tick())];
            var began = Stopwatch.GetTimestamp();
            await r.Jobs.EnqueueAsync(Chain.Of(Group.Of(jobs)).Then(line.Shape.Tick()));
            call = Stopwatch.GetElapsedTime(began);
            return new Made(steps);
        });
        return measured
            .Only(Figure.BytesPerJob, Figure.CpuSecondsPerThousand)
            .With(Figure.JobsPerSecond, steps / call.TotalSeconds)
            .With(Figure.CallMilliseconds, call.TotalMilliseconds)
            .With(Figure.MicrosecondsPerStep, call.TotalMicroseconds / steps);
    }
}
