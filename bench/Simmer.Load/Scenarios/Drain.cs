using Simmer.Load.Baselines;
using Simmer.Load.Measuring;
using Simmer.Load.Running;

namespace Simmer.Load.Scenarios;

/// <summary>Jobs that wait already are claimed, run and settled.</summary>
internal static class Drain
{
    private const int Many = 1_000_000;

    public static async Task RunAsync(Stage stage)
    {
        foreach (var jobs in stage.Plan.Drains)
        {
            var shape = new Shape(0);
            await stage.RoundsAsync(stage.Line(Topic.Throughput, Name(jobs), shape), Steps.Run, DrainAsync, rig => rig.FillAsync(shape, jobs), jobs >= Many ? 1 : null);

            async Task<Made> DrainAsync(Rig rig)
            {
                await rig.GoOnAsync();
                return new Made(jobs, Waited: true);
            }
        }
    }

    public static string Name(int jobs) => FormattableString.Invariant($"drain {jobs:N0}");
}
