using System.Diagnostics;
using Simmer.Load.Measuring;
using Simmer.Load.Running;
using Simmer.Servers;

namespace Simmer.Load.Scenarios;

/// <summary>The database's server is stopped and started again under full load: how long after it accepts connections the first job runs,
/// and all run as fast as before.</summary>
internal static class Restarted
{
    // The share of the former rate, over one window, that counts as full speed. One job more or less does not matter.
    private const double AsBefore = 0.9;
    private const int Windows = 9;

    private static readonly TimeSpan s_window = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_calm = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    public static string Name(StopMode mode) => $"server restarted ({mode.ToString().ToLowerInvariant()})";

    public static async Task RunAsync(Stage stage)
    {
        if (!stage.Setting.IsPostgres || stage.Setting.Keep)
        {
            return;
        }

        // A server of its own, because the one that was given must not be stopped.
        await using var server = await Grounds.NewServerAsync();
        foreach (var mode in new[] { StopMode.Fast, StopMode.Immediate })
        {
            var rounds = new List<Measurement>();
            for (var i = 0; i < stage.Plan.Failures; i++)
            {
                rounds.Add(await MeasureAsync(stage, server, mode));
            }

            stage.Add(Measurement.Median(rounds));
        }
    }

    private static async Task<Measurement> MeasureAsync(Stage stage, PostgresServer server, StopMode mode)
    {
        var shape = new Shape(EndToEnd.Busy);
        await using var ground = await DatabaseGround.NewAsync(server, counts: false);
        await using var host = await BenchHost.StartAsync(stage.Setting, ground.Address, works: true);
        var line = stage.Line(Topic.Failures, Name(mode), shape);
        await new Stretches(host, shape).DuringAsync(async () =>
        {
            await Task.Delay(s_calm);
            var usual = await UsualRateAsync(host.Counter);
            await server.StopAsync(mode);
            await server.StartAsync();
            var (first, all) = await RecoveryAsync(host.Counter, AsBefore * usual);
            line = line.With(Figure.JobsPerSecond, usual).With(Figure.FirstSeconds, first).With(Figure.AllSeconds, all);
        });
        return line;
    }

    private static async Task<double> UsualRateAsync(TickCounter counter)
    {
        var rates = new List<double>();
        for (var i = 0; i < Windows; i++)
        {
            var (ran, began) = (counter.Count, Stopwatch.GetTimestamp());
            await Task.Delay(s_window);
            rates.Add((counter.Count - ran) / Stopwatch.GetElapsedTime(began).TotalSeconds);
        }

        rates.Sort();
        return rates[Windows / 2];
    }

    /// <summary>From now until the first job runs, and until a window begins in which they run at this rate, or patience ends.</summary>
    private static async Task<(double? First, double All)> RecoveryAsync(TickCounter counter, double rate)
    {
        var samples = new List<(TimeSpan At, long Ran)>();
        var (began, before) = (Stopwatch.GetTimestamp(), counter.Count);
        double? first = null;
        for (var from = 0; samples.Count == 0 || samples[^1].At < s_patience;)
        {
            samples.Add((Stopwatch.GetElapsedTime(began), counter.Count));
            var (at, ran) = samples[^1];
            first ??= ran > before ? at.TotalSeconds : null;
            from = first is null ? samples.Count : from;
            while (from < samples.Count && at - samples[from].At >= s_window)
            {
                if ((ran - samples[from].Ran) / (at - samples[from].At).TotalSeconds >= rate)
                {
                    return (first, samples[from].At.TotalSeconds);
                }

                from++;
            }

            await FineClock.WaitAsync();
        }

        return (first, s_patience.TotalSeconds);
    }
}
