using Spectre.Console;

namespace Simmer.UserView;

/// <summary>An endpoint that does next to nothing: alone, beside jobs that block threads of the pool, and beside the same on threads of their queue's own, by turns.</summary>
internal sealed class BesideBlocking(int port, bool quick)
{
    private const string Endpoint = "/plain";
    private const int Connections = 8;

    private static readonly string[] s_ways = ["alone", Blocks.Shared, Blocks.Dedicated];

    // Within one wave of blocking jobs: the pool gets more threads after a while, and a wave that ends gives them all back.
    private readonly TimeSpan _round = Blocks.Time * 0.8;
    private readonly int _rounds = quick ? 5 : 21;

    public async Task RunAsync()
    {
        for (var i = 0; i < 3; i++)
        {
            _ = await Load.MeasureAsync(port, Endpoint, Connections, _round);
        }

        var rounds = s_ways.ToDictionary(static w => w, static _ => new List<Load>());
        for (var i = 0; i < _rounds; i++)
        {
            foreach (var way in s_ways)
            {
                rounds[way].Add(await MeasureAsync(way));
            }
        }

        var table = new Table().AddColumns("beside", "p50", "p99", "worst p99", "p99 over alone");
        var alone = Load.Median(rounds[s_ways[0]]).P99Milliseconds;
        foreach (var (way, loads) in rounds)
        {
            var median = Load.Median(loads);
            table.AddRow(way, $"{median.P50Milliseconds:0.00} ms", $"{median.P99Milliseconds:0.00} ms", $"{loads.Max(static l => l.P99Milliseconds):0.00} ms", $"{median.P99Milliseconds / alone:0.0}");
        }

        AnsiConsole.Write(table);
    }

    private async Task<Load> MeasureAsync(string way)
    {
        if (way == s_ways[0])
        {
            return await Load.MeasureAsync(port, Endpoint, Connections, _round);
        }

        using (var client = new HttpClient())
        {
            _ = await client.GetStringAsync(new Uri($"http://127.0.0.1:{port}/block/{way}"));
        }

        var load = await Load.MeasureAsync(port, Endpoint, Connections, _round);

        // The wave has ended before the next begins.
        await Task.Delay(Blocks.Time);
        return load;
    }
}
