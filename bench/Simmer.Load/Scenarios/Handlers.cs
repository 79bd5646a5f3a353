using Simmer.Load.Baselines;
using Simmer.Load.Measuring;
using Simmer.Load.Running;

namespace Simmer.Load.Scenarios;

/// <summary>Handlers that take time. They are slower than the callers, so the jobs are counted and not the seconds.</summary>
internal static class Handlers
{
    private const int PerSecond = 8_000;

    public static async Task RunAsync(Stage stage)
    {
        foreach (var (work, name) in new[] { (Work.Await, "end to end, handler awaits 1 ms"),
            (Work.Burn, "end to end, handler computes 0.2 ms") })
        {
            var shape = new Shape(EndToEnd.Busy, Work: work);
            var jobs = (int)(PerSecond * stage.Plan.Round.TotalSeconds);
            await stage.RoundsAsync(stage.Line(Topic.Throughput, name, shape), Steps.All, rig => Callers.CountAsync(rig.Jobs, shape, jobs));
        }
    }
}
