using System.Diagnostics;
using Simmer.Load.Measuring;
using Simmer.Load.Running;

namespace Simmer.Load.Scenarios;

/// <summary>An idle system: from the call that enqueues a job to the first line of its handler.</summary>
internal static class Idle
{
    public static async Task<Measurement> MeasureAsync(BenchHost host, Measurement line, int samples)
    {
        var log = new Latencies(samples);
        for (var i = 0; i < samples; i++)
        {
            var started = host.Counter.Started = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
            var at = Stopwatch.GetTimestamp();
            await host.Jobs.EnqueueAsync(new Tick(i, Tick.Filler));
            log.Add(await started.Task - at);
            host.Counter.Started = null;

            // Long enough for the settlement: the next job meets an idle engine again.
            await host.SettledAsync(host.Counter.Count);
            await Task.Delay(2);
        }

        var (p50, p99) = Latencies.Of([log]);
        return line with { P50Microseconds = p50, P99Microseconds = p99 };
    }
}
