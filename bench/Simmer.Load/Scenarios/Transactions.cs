using Simmer.Load.Measuring;
using Simmer.Load.Running;

namespace Simmer.Load.Scenarios;

/// <summary>How many statements and commits a job takes, counted by the database itself.</summary>
internal static class Transactions
{
    public static async Task RunAsync(Stage stage)
    {
        if (!stage.Setting.IsDurable)
        {
            return;
        }

        stage = stage.Counting;
        SqliteTrace.Install();
        try
        {
            foreach (var callers in stage.Plan.Callers)
            {
                var shape = new Shape(callers);
                await MeasureAsync(stage, EndToEnd.Name, shape,
                    (rig, line) => rig.MeasureAsync(line, r => Callers.ForAsync(r.Jobs, shape, stage.Plan.Round)));
            }

            await MeasureAsync(stage, Drain.Name(Drain.Few), new Shape(0), static (rig, line) => Drain.DrainAsync(rig, line, Drain.Few));
            if (stage.Setting.Keep)
            {
                await MeasureAsync(stage, Chains.Name, new Shape(EndToEnd.Busy),
                    Warm((rig, line) => Chains.ChainsAsync(rig, line, stage.Plan.Round)));
                await MeasureAsync(stage, FanOut.Name, new Shape(1), Warm(FanOut.FanAsync));
            }
        }
        finally
        {
            SqliteTrace.Uninstall();
        }
    }

    // A rig has only run jobs that stand alone: while the code of workflows is compiled, next to nothing shares a commit.
    private static Func<Rig, Measurement, Task<Measurement>> Warm(Func<Rig, Measurement, Task<Measurement>> measure) => async (rig, line) =>
    {
        _ = await measure(rig, line);
        return await measure(rig, line);
    };

    // Counts hardly differ from round to round.
    private static Task MeasureAsync(Stage stage, string name, Shape shape, Func<Rig, Measurement, Task<Measurement>> measure) =>
        stage.RoundsAsync(shape.Processes, 1, async rig =>
        (await measure(rig, stage.Line(Topic.Transactions, name, shape))).Only(Figure.StatementsPerJob, Figure.CommitsPerThousand));
}
