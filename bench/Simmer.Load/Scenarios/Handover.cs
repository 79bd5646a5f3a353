using Simmer.Load.Measuring;
using Simmer.Load.Running;

namespace Simmer.Load.Scenarios;

/// <summary>An idle system: from the last line of a step's handler to the first line of the next one's. Between the two lies the commit
/// that releases it.</summary>
internal static class Handover
{
    public const string Name = "idle, chain of two";

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(12);

    public static Task RunAsync(Stage stage)
    {
        var shape = new Shape(1);
        return Workflows.RoundsAsync(stage, shape.Processes, async rig =>
        {
            var measured = await rig.MeasureAsync(stage.Line(Topic.Handover, Name, shape), async r =>
            {
                var before = r.Ran;
                for (var i = 1; i <= stage.Plan.IdleJobs; i++)
                {
                    await r.Jobs.EnqueueAsync(Chain.Of(new Baton(Hands: true)).Then(new Baton(Hands: false)));
                    do
                    {
                        await Task.Delay(s_pause);
                    }
                    while (r.Ran < before + (2 * i));
                }

                return new Made(2 * stage.Plan.IdleJobs);
            });
            return [measured.Only(Figure.StartP50, Figure.StartP99)];
        });
    }
}
