using System.Diagnostics;

namespace Simmer.Flat;

/// <summary>The memory of this process while a scenario runs, tenth by tenth.</summary>
/// <param name="Name">The scenario.</param>
/// <param name="Total">How much was done.</param>
/// <param name="Elapsed">How long that took.</param>
/// <param name="WorkingSets">The mean working set of each tenth, in bytes; of the first one, of its second half.</param>
/// <param name="Heaps">What is alive on the heap after each tenth, in bytes.</param>
internal sealed record Course(string Name, int Total, TimeSpan Elapsed, IReadOnlyList<long> WorkingSets, IReadOnlyList<long> Heaps)
{
    private const int Parts = 10;
    private const double Allowed = 1.10;

    /// <summary>Less than this is the noise of a heap of a few megabytes.</summary>
    private const long Noise = 4 << 20;

    /// <summary>The growth of the working set after the first tenth, as a factor; the worst later tenth counts.</summary>
    public double WorkingSetGrowth => WorkingSets.Skip(1).Max() / (double)WorkingSets[0];

    public double HeapGrowth => Heaps.Skip(1).Max() / (double)Heaps[0];

    public bool IsFlat => WorkingSetGrowth <= Allowed && (HeapGrowth <= Allowed || Heaps.Skip(1).Max() - Heaps[0] < Noise);

    public static async Task<Course> RunAsync(Scenario scenario, int total)
    {
        await using var ground = await scenario.StartAsync();
        var (sets, heaps) = (new List<long>(), new List<long>());
        var began = Stopwatch.GetTimestamp();

        // The first half of the first tenth is left out: code is still compiled and pools fill up.
        await ground.DoAsync(total / Parts / 2);
        for (var part = 0; part < Parts; part++)
        {
            using var sampler = new Sampler();
            await ground.DoAsync(total / Parts / (part == 0 ? 2 : 1));
            sets.Add(sampler.Mean());
            heaps.Add(Alive());
        }

        return new Course(scenario.Name, total, Stopwatch.GetElapsedTime(began), sets, heaps);
    }

    private static long Alive()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        var info = GC.GetGCMemoryInfo(GCKind.FullBlocking);
        return info.HeapSizeBytes - info.FragmentedBytes;
    }
}
