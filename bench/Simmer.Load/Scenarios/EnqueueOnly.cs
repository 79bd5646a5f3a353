using Simmer.Load.Baselines;
using Simmer.Load.Measuring;
using Simmer.Load.Running;

namespace Simmer.Load.Scenarios;

/// <summary>Only enqueueing: no worker runs the jobs meanwhile.</summary>
internal static class EnqueueOnly
{
    public static async Task RunAsync(Stage stage)
    {
        foreach (var callers in stage.Plan.Callers)
        {
            var shape = new Shape(callers, Processes: 0);
            await stage.RoundsAsync(stage.Line(Topic.Throughput, "enqueue only", shape), Steps.Enqueue,
                rig => Callers.ForAsync(rig.Jobs, shape, stage.Plan.Round));
        }
    }
}
