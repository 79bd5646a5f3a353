using Simmer.Load.Measuring;
using Simmer.Load.Scenarios;
using Spectre.Console;

namespace Simmer.Load.Running;

/// <summary>Carries out a plan: every line in several rounds, the baselines between them.</summary>
internal sealed class LoadRun(LoadPlan plan)
{
    private readonly List<Measurement> _lines = [];

    public async Task<IReadOnlyList<Measurement>> RunAsync()
    {
        foreach (var (store, keep) in plan.Stores)
        {
            await using var host = await BenchHost.StartAsync(store, keep);
            await WarmUpAsync(host);
            foreach (var scenario in plan.Scenarios)
            {
                await (scenario switch
                {
                    "bulk" => BulkAsync(host, store, keep),
                    "calls" => CallsAsync(host, store, keep),
                    "idle" => IdleAsync(host, store, keep),
                    "drain" => DrainAsync(host, store, keep),
                    _ => throw new ArgumentException($"Scenario '{scenario}' is not known; there are bulk, calls, idle and drain."),
                });
            }
        }

        return _lines;
    }

    private static async Task WarmUpAsync(BenchHost host)
    {
        // Twice, with a pause: the second tier is compiled in the background.
        for (var i = 0; i < 2; i++)
        {
            _ = await Calls.MeasureAsync(host, new Measurement("", "", "", 8), TimeSpan.FromMilliseconds(700));
            _ = await Bulk.MeasureAsync(host, new Measurement("", "", "", 1), 10);
            await Task.Delay(200);
        }
    }

    private Task BulkAsync(BenchHost host, StoreChoice store, bool keep) =>
        RoundsAsync(Line("bulk", store, keep, 2), store, keep, line => Bulk.MeasureAsync(host, line, store == StoreChoice.Memory ? 400 : 60));

    private async Task CallsAsync(BenchHost host, StoreChoice store, bool keep)
    {
        foreach (var callers in plan.Callers)
        {
            await RoundsAsync(Line("calls", store, keep, callers), store, keep, line => Calls.MeasureAsync(host, line, plan.Round));
        }
    }

    private async Task IdleAsync(BenchHost host, StoreChoice store, bool keep) =>
        Add([await Idle.MeasureAsync(host, Line("idle: enqueue to start", store, keep, 1), plan.Rounds * 100)]);

    private Task DrainAsync(BenchHost host, StoreChoice store, bool keep) =>
        RoundsAsync(Line($"drain {plan.Drain:N0}", store, keep, 0), store, keep, line => Drain.MeasureAsync(host, line, plan.Drain));

    private async Task RoundsAsync(Measurement line, StoreChoice store, bool keep, Func<Measurement, Task<Measurement>> measure)
    {
        var rounds = new List<Measurement>();
        for (var i = 0; i < plan.Rounds; i++)
        {
            var measured = await measure(line);
            rounds.Add(store == StoreChoice.Memory ? measured : WithBaselines(measured, store == StoreChoice.Full, keep));
        }

        Add(rounds);
    }

    private Measurement WithBaselines(Measurement measured, bool full, bool keep)
    {
        var duration = plan.Round / 3;
        return measured with
        {
            TimesOnePerOperation = measured.JobsPerSecond / Baselines.OnePerOperation(full, keep, duration),
            ShareOfCeiling = measured.JobsPerSecond / Baselines.Ceiling(full, keep, duration),
        };
    }

    private static Measurement Line(string scenario, StoreChoice store, bool keep, int callers) =>
        new(scenario, store == StoreChoice.Memory ? "memory" : $"sqlite {store.ToString().ToUpperInvariant()}", keep ? "1 day" : "none", callers);

    private void Add(IReadOnlyList<Measurement> rounds)
    {
        var line = Measurement.Median(rounds);
        _lines.Add(line);
        AnsiConsole.MarkupLineInterpolated($"[grey]{line.Scenario}, {line.Store}, keep {line.Keep}, {line.Callers} callers: {line.JobsPerSecond:N0} jobs/s {line.P50Microseconds:N0} µs[/]");
    }
}
