using System.Diagnostics;
using Simmer.Load.Measuring;
using Simmer.Load.Running;

namespace Simmer.Load.Scenarios;

/// <summary>A worker's process gets SIGKILL while its jobs run: how long until they have started elsewhere.</summary>
internal static class Killed
{
    public const string Name = "worker killed, its jobs started elsewhere";

    private const int Jobs = 16;

    public static async Task RunAsync(Stage stage)
    {
        if (!stage.Setting.IsPostgres || stage.Setting.Keep)
        {
            return;
        }

        var rounds = new List<Measurement>();
        for (var i = 0; i < stage.Plan.Failures; i++)
        {
            rounds.Add(await MeasureAsync(stage));
        }

        stage.Add(Measurement.Median(rounds));
    }

    private static async Task<Measurement> MeasureAsync(Stage stage)
    {
        await using var ground = await stage.Grounds.NewAsync(stage.Setting);
        await using var worker = await WorkerProcess.StartAsync(stage.Setting, ground.Address, doomed: true);
        await using (var client = await BenchHost.StartAsync(stage.Setting, ground.Address, works: false))
        {
            await client.Jobs.EnqueueManyAsync(Enumerable.Repeat(new Stall(), Jobs));
        }

        while (await Asking.AskAsync<long>(ground.Address, "SELECT count(*) FROM simmer.job WHERE state = 4") < Jobs)
        {
            await FineClock.WaitAsync();
        }

        await using var other = await BenchHost.StartAsync(stage.Setting, ground.Address, works: true);
        worker.Kill();
        var began = Stopwatch.GetTimestamp();
        await other.Counter.WhenAsync(1);
        var first = Stopwatch.GetElapsedTime(began);
        await other.Counter.WhenAsync(Jobs);
        return stage.Line(Topic.Failures, Name, new Shape(0, Processes: 2)).With(Figure.FirstSeconds, first.TotalSeconds)
            .With(Figure.AllSeconds, Stopwatch.GetElapsedTime(began).TotalSeconds);
    }
}
