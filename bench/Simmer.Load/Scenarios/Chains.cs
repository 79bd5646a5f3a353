using Simmer.Load.Measuring;
using Simmer.Load.Running;

namespace Simmer.Load.Scenarios;

/// <summary>Chains of three against three independent jobs, by turns.</summary>
internal static class Chains
{
    public const string Name = "chains of three";

    private const string TogetherName = "three jobs, one call";
    private const string SingleName = "three jobs, three calls";

    private const int Size = 3;

    public static Task RunAsync(Stage stage)
    {
        var shape = new Shape(EndToEnd.Busy);
        return Workflows.RoundsAsync(stage, shape.Processes, async rig =>
        {
            var together = await MeasureAsync(TogetherName, () => rig.Jobs.EnqueueManyAsync([shape.Tick(), shape.Tick(), shape.Tick()]));
            var chains = await ChainsAsync(rig, stage.Line(Topic.Workflows, Name, shape), stage.Plan.Round);
            var single = await MeasureAsync(SingleName, async () =>
            {
                for (var i = 0; i < Size; i++)
                {
                    await rig.Jobs.EnqueueAsync(shape.Tick());
                }
            });
            return
            [
                chains
                    .With(Figure.ShareOfIndependent, chains[Figure.JobsPerSecond] / together[Figure.JobsPerSecond])
                    .With(Figure.ShareOfSingle, chains[Figure.JobsPerSecond] / single[Figure.JobsPerSecond]),
                together,
                single,
            ];

            Task<Measurement> MeasureAsync(string name, Func<Task> enqueue) =>
                rig.MeasureAsync(stage.Line(Topic.Workflows, name, shape),
                    r => Callers.TurnsAsync(r, shape, stage.Plan.Round, Size, enqueue));
        });
    }

    public static Task<Measurement> ChainsAsync(Rig rig, Measurement line, TimeSpan duration)
    {
        var shape = line.Shape;
        return rig.MeasureAsync(line, r => Callers
            .TurnsAsync(r, shape, duration, Size, () => r.Jobs.EnqueueAsync(Chain.Of(shape.Tick()).Then(shape.Tick()).Then(shape.Tick()))));
    }
}
