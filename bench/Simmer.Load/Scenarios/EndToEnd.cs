using Simmer.Load.Baselines;
using Simmer.Load.Measuring;
using Simmer.Load.Running;

namespace Simmer.Load.Scenarios;

/// <summary>Callers in a closed loop; the rate counts jobs that were enqueued, run and settled.</summary>
internal static class EndToEnd
{
    public const string Name = "end to end";
    public const int Busy = 64;

    private const int Large = 20_000;

    /// <summary>Callers and worker in one process.</summary>
    public static async Task OneProcessAsync(Stage stage)
    {
        foreach (var callers in stage.Plan.Callers)
        {
            await MeasureAsync(stage, Name, new Shape(callers));
        }
    }

    public static Task TwoProcessesAsync(Stage stage) => stage.Setting.IsDurable
        ? MeasureAsync(stage, $"{Name}, worker in another process", new Shape(Busy, Processes: 2))
        : Task.CompletedTask;

    public static Task LargeAsync(Stage stage) => MeasureAsync(stage, $"{Name}, 20 KB", new Shape(Busy, PayloadBytes: Large));

    private static Task MeasureAsync(Stage stage, string name, Shape shape) =>
        stage.RoundsAsync(stage.Line(Topic.Throughput, name, shape), Steps.All, rig => Callers.ForAsync(rig.Jobs, shape, stage.Plan.Round));
}
