using System.Diagnostics;
using Spectre.Console;

namespace Simmer.UserView;

/// <summary>An endpoint that does next to nothing: alone, beside jobs that block threads of the pool, and beside the same on threads of
/// their queue's own, by turns.</summary>
/// <remarks>Requests are due at fixed times, and their latency counts from then. Callers that wait for their answers would send almost
/// nothing while the server stands still, and so would measure almost nothing of that.</remarks>
internal sealed class BesideBlocking(int port, bool quick)
{
    private const int Callers = 16;

    private static readonly TimeSpan s_pace = TimeSpan.FromMilliseconds(20);
    private static readonly string[] s_ways = ["alone", Blocks.Shared, Blocks.Dedicated];

    // A round lies within one wave of blocking jobs: the pool gets more threads after a while, and a wave that ends frees them all.
    private readonly TimeSpan _round = Blocks.Time * 0.8;
    private readonly int _rounds = quick ? 5 : 15;

    public async Task RunAsync()
    {
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}/") };
        for (var i = 0; i < 2; i++)
        {
            _ = await MeasureAsync(client, s_ways[0]);
        }

        var seen = s_ways.ToDictionary(static w => w, static _ => new List<double>());
        for (var i = 0; i < _rounds; i++)
        {
            foreach (var way in s_ways)
            {
                seen[way].AddRange(await MeasureAsync(client, way));
            }
        }

        var alone = Share(seen[s_ways[0]], 0.99);
        var table = new Table().AddColumns("beside", "requests", "p50", "p99", "p99 over alone");
        foreach (var (way, latencies) in seen)
        {
            table.AddRow(way, $"{latencies.Count}", $"{Share(latencies, 0.5):0.0} ms", $"{Share(latencies, 0.99):0.0} ms",
                $"{Share(latencies, 0.99) / alone:0.0}");
        }

        AnsiConsole.Write(table);
    }

    private async Task<IEnumerable<double>> MeasureAsync(HttpClient client, string way)
    {
        if (way != s_ways[0])
        {
            _ = await client.GetStringAsync(new Uri($"block/{way}", UriKind.Relative));
        }

        var latencies = await Task.WhenAll(Enumerable.Range(0, Callers).Select(i => CallAsync(client, s_pace * i / Callers)));

        // The wave has ended before the next begins.
        await Task.Delay(Blocks.Time);
        return latencies.SelectMany(static l => l);
    }

    private async Task<List<double>> CallAsync(HttpClient client, TimeSpan first)
    {
        var began = Stopwatch.GetTimestamp();
        var calls = new List<Task<double>>();
        for (var due = first; due < _round; due += s_pace)
        {
            if (due - Stopwatch.GetElapsedTime(began) is var rest && rest > TimeSpan.Zero)
            {
                await Task.Delay(rest);
            }

            calls.Add(CallAsync(client, began, due));
        }

        return [.. await Task.WhenAll(calls)];
    }

    private static async Task<double> CallAsync(HttpClient client, long began, TimeSpan due)
    {
        _ = await client.GetStringAsync(new Uri("plain", UriKind.Relative));
        return (Stopwatch.GetElapsedTime(began) - due).TotalMilliseconds;
    }

    private static double Share(List<double> values, double share) => values.Order().ElementAt((int)((values.Count - 1) * share));
}
