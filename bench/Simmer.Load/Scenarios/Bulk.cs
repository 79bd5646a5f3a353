using Simmer.Load.Measuring;
using Simmer.Load.Running;

namespace Simmer.Load.Scenarios;

/// <summary>Jobs in calls of 1,000, a few calls at a time: what the engine itself can carry.</summary>
internal static class Bulk
{
    private const int Size = 1_000;

    public static async Task<Measurement> MeasureAsync(BenchHost host, Measurement line, int calls)
    {
        var before = host.Counter.Count;
        var cost = Cost.Begin();
        await Task.WhenAll(Enumerable.Range(0, line.Callers).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < calls / line.Callers; i++)
            {
                await host.Jobs.EnqueueManyAsync(Enumerable.Range(0, Size).Select(static n => new Tick(n, Tick.Filler)));
            }
        })));
        var made = (long)(calls / line.Callers) * line.Callers * Size;
        await host.SettledAsync(before + made);
        return cost.End(line, made);
    }
}
