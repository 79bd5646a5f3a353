using Simmer.Load.Measuring;
using Simmer.Load.Running;

namespace Simmer.Load.Scenarios;

/// <summary>One step, then many, then one that waits for all of them, against as many independent jobs; by turns.</summary>
internal static class FanOut
{
    public const string Name = "fan-out of 10,000, and a join";

    private const string AddedName = "the same, added at run time";
    private const string IndependentName = "10,000 jobs, one call";

    private const int Size = 10_000;

    public static Task RunAsync(Stage stage)
    {
        var shape = new Shape(1);
        return Workflows.RoundsAsync(stage, shape.Processes, async rig =>
        {
            var independent = await rig.MeasureAsync(stage.Line(Topic.Workflows, IndependentName, shape), async r =>
            {
                await r.Jobs.EnqueueManyAsync(Many(shape));
                return new Made(Size);
            });
            var fan = await FanAsync(rig, stage.Line(Topic.Workflows, Name, shape));
            var added = await rig.MeasureAsync(stage.Line(Topic.Workflows, AddedName, shape),
                r => EnqueueAsync(r, Chain.Of(new Fan(Size, shape.Tick())).Then(shape.Tick())));
            return [Compared(fan, independent), Compared(added, independent), independent];
        });
    }

    /// <summary>From the call to the end of the step that joins.</summary>
    public static Task<Measurement> FanAsync(Rig rig, Measurement line)
    {
        var shape = line.Shape;
        return rig.MeasureAsync(line, r => EnqueueAsync(r, Chain.Of(shape.Tick()).Then(Group.Of(Many(shape))).Then(shape.Tick())));
    }

    private static async Task<Made> EnqueueAsync(Rig rig, Chain chain)
    {
        await rig.Jobs.EnqueueAsync(chain);
        return new Made(Size + 2);
    }

    private static IEnumerable<IJob> Many(Shape shape) => Enumerable.Range(0, Size).Select(_ => shape.Tick());

    private static Measurement Compared(Measurement line, Measurement independent) =>
        line.With(Figure.ShareOfIndependent, line[Figure.JobsPerSecond] / independent[Figure.JobsPerSecond]);
}
