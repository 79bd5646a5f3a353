using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;

namespace Simmer.CrashTests.Worker;

/// <summary>Enqueues one job after another and says how long they waited, from the acknowledgement to the start of the handler and from the
/// call on.</summary>
internal sealed class Probe(IJobClient jobs, WorkerLife life, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(10);
    private static readonly ConcurrentDictionary<int, TaskCompletionSource<long>> s_started = new();

    /// <summary>The handler began.</summary>
    public static void Started(int number, long timestamp) => s_started[number].SetResult(timestamp);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var (waits, ways) = (new List<double>(), new List<double>());
        var began = time.GetTimestamp();
        for (var number = 0; time.GetElapsedTime(began).TotalSeconds < life.ProbeSeconds; number++)
        {
            var started = s_started[number] = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
            var called = time.GetTimestamp();
            _ = await jobs.EnqueueAsync(new Light(number), cancellationToken: CancellationToken.None);
            var acknowledged = time.GetTimestamp();
            var at = await started.Task;
            waits.Add(Math.Max(0, time.GetElapsedTime(acknowledged, at).TotalMilliseconds));
            ways.Add(time.GetElapsedTime(called, at).TotalMilliseconds);
            await Task.Delay(s_pause, CancellationToken.None);
        }

        Console.WriteLine(
            $"probe {waits.Count} {Percentile(waits, 0.5)} {Percentile(waits, 0.99)} {Percentile(ways, 0.5)} {Percentile(ways, 0.99)}");
    }

    private static string Percentile(List<double> values, double share) =>
        values.Order().ElementAt((int)(values.Count * share)).ToString("0.000", System.Globalization.CultureInfo.InvariantCulture);
}
