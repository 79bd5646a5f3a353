using System.Diagnostics;
using Simmer.Load.Measuring;
using Simmer.Load.Running;

namespace Simmer.Load.Scenarios;

/// <summary>Callers in a closed loop: each enqueues its next job when the last is acknowledged. The rate counts jobs that were enqueued, run and settled.</summary>
internal static class Calls
{
    public static async Task<Measurement> MeasureAsync(BenchHost host, Measurement line, TimeSpan duration)
    {
        var before = host.Counter.Count;
        var logs = Enumerable.Range(0, line.Callers).Select(_ => new Latencies(500_000 / line.Callers)).ToArray();
        var cost = Cost.Begin();
        var until = Stopwatch.GetTimestamp() + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        var made = await Task.WhenAll(logs.Select(log => Task.Run(() => CallAsync(host.Jobs, log, until))));
        await host.SettledAsync(before + made.Sum());
        var measured = cost.End(line, made.Sum());
        var (p50, p99) = Latencies.Of(logs);
        return measured with { P50Microseconds = p50, P99Microseconds = p99 };
    }

    private static async Task<long> CallAsync(IJobClient jobs, Latencies log, long until)
    {
        var made = 0L;
        var now = Stopwatch.GetTimestamp();
        while (now < until)
        {
            await jobs.EnqueueAsync(new Tick(made++, Tick.Filler));
            var then = now;
            now = Stopwatch.GetTimestamp();
            log.Add(now - then);
        }

        return made;
    }
}
