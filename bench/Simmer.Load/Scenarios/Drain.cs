using Simmer.Load.Measuring;
using Simmer.Load.Running;

namespace Simmer.Load.Scenarios;

/// <summary>Jobs that wait already are claimed, run and settled.</summary>
internal static class Drain
{
    public static async Task<Measurement> MeasureAsync(BenchHost host, Measurement line, int jobs)
    {
        var before = host.Counter.Count;
        await host.PauseAsync();
        foreach (var part in Enumerable.Range(0, jobs).Chunk(1_000))
        {
            await host.Jobs.EnqueueManyAsync(part.Select(static n => new Tick(n, Tick.Filler)));
        }

        var cost = Cost.Begin();
        await host.GoOnAsync();
        await host.SettledAsync(before + jobs);
        return cost.End(line, jobs);
    }
}
