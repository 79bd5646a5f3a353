using Simmer.Load.Baselines;
using Simmer.Load.Measuring;
using Simmer.Load.Running;

namespace Simmer.Load.Scenarios;

/// <summary>Jobs that wait already are claimed, run and settled; short and long backlogs by turns.</summary>
internal static class Drain
{
    public const int Few = 10_000;
    public const int Some = 100_000;
    public const int Many = 1_000_000;

    public static Task RunAsync(Stage stage)
    {
        var shape = new Shape(0);
        return stage.RoundsAsync(shape.Processes, stage.Plan.Rounds, async (rig, round) =>
        {
            var lines = new List<Measurement>();
            foreach (var jobs in stage.Plan.Drains.Where(jobs => jobs < Many || round == 0 || IsQuick(stage.Setting)))
            {
                lines.Add(await stage.ComparedAsync(await DrainAsync(rig, stage.Line(Topic.Throughput, Name(jobs), shape), jobs),
                    Steps.Run));
            }

            return lines;
        });
    }

    public static async Task<Measurement> DrainAsync(Rig rig, Measurement line, int jobs)
    {
        await rig.FillAsync(line.Shape, jobs);
        return await rig.MeasureAsync(line, async r =>
        {
            await r.GoOnAsync();
            return new Made(jobs, Waited: true);
        });
    }

    // On disk a million takes half a minute, and what is kept of several millions fills memory.
    private static bool IsQuick(Setting setting) => !setting.IsDurable && !setting.Keep;

    public static string Name(int jobs) => FormattableString.Invariant($"drain {jobs:N0}");
}
