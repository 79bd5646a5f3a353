using System.Diagnostics;

namespace Simmer.UserView;

/// <summary>The measurements of some connections at one endpoint.</summary>
internal sealed record Load(string Path, int Connections, double P50Milliseconds, double P99Milliseconds, double RequestsPerSecond)
{
    public static async Task<Load> MeasureAsync(int port, string path, int connections, TimeSpan duration)
    {
        var clients = Enumerable.Range(0, connections).Select(_ => new LeanClient(path)).ToList();
        try
        {
            foreach (var client in clients)
            {
                await client.ConnectAsync(port);
            }

            var began = Stopwatch.GetTimestamp();
            var latencies = (await Task.WhenAll(clients.Select(c => Task.Run(() => c.RunAsync(duration))))).SelectMany(static l => l)
                .Order().ToList();
            var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
            return new Load(path, connections, Milliseconds(latencies, 0.5), Milliseconds(latencies, 0.99), latencies.Count / seconds);
        }
        finally
        {
            clients.ForEach(static c => c.Dispose());
        }
    }

    /// <summary>The median of several rounds, value by value.</summary>
    public static Load Median(IReadOnlyList<Load> rounds) => rounds[0] with
    {
        P50Milliseconds = Median(rounds.Select(static r => r.P50Milliseconds)),
        P99Milliseconds = Median(rounds.Select(static r => r.P99Milliseconds)),
        RequestsPerSecond = Median(rounds.Select(static r => r.RequestsPerSecond)),
    };

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }

    private static double Milliseconds(List<long> sorted, double share) =>
        sorted[(int)((sorted.Count - 1) * share)] * 1e3 / Stopwatch.Frequency;
}
