using Simmer.Load.Measuring;
using Simmer.Load.Running;

namespace Simmer.Load.Scenarios;

/// <summary>How many statements and commits a job takes, counted by SQLite itself.</summary>
internal static class Transactions
{
    private const int Waiting = 20_000;

    public static async Task RunAsync(Stage stage)
    {
        if (!stage.Setting.IsSqlite)
        {
            return;
        }

        SqliteTrace.Install();
        try
        {
            foreach (var callers in stage.Plan.Callers)
            {
                var shape = new Shape(callers);
                await MeasureAsync(stage, EndToEnd.Name, shape, r => Callers.ForAsync(r.Jobs, shape, stage.Plan.Round));
            }

            await MeasureAsync(stage, Drain.Name(Waiting), new Shape(0), DrainAsync);
        }
        finally
        {
            SqliteTrace.Uninstall();
        }
    }

    private static Task MeasureAsync(Stage stage, string name, Shape shape, Func<Rig, Task<Made>> work) => stage.RoundsAsync(shape.Processes, 1, async rig =>
        (await rig.MeasureAsync(stage.Line(Topic.Transactions, name, shape), work)).Only(Figure.StatementsPerJob, Figure.CommitsPerThousand));

    private static async Task<Made> DrainAsync(Rig rig)
    {
        await rig.FillAsync(new Shape(0), Waiting);
        await rig.GoOnAsync();
        return new Made(Waiting, Waited: true);
    }
}
