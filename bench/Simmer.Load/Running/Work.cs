using System.Diagnostics;

namespace Simmer.Load.Running;

/// <summary>What a handler does.</summary>
public enum Work
{
    Nothing,

    /// <summary>Waits for 1 ms, as for a fast service: see <see cref="FineClock"/>.</summary>
    Await,

    /// <summary>Computes for 0.2 ms.</summary>
    Burn,
}

internal static class Works
{
    private static readonly TimeSpan s_burn = TimeSpan.FromMilliseconds(0.2);

    // By iterations and not by the clock: on a busy machine a clock goes on while the thread does not run.
    private static readonly Lazy<int> s_iterations = new(Calibrate);

    public static Task DoAsync(Work work)
    {
        if (work == Work.Await)
        {
            return FineClock.WaitAsync();
        }

        if (work == Work.Burn)
        {
            _ = Spin(s_iterations.Value);
        }

        return Task.CompletedTask;
    }

    private static int Calibrate()
    {
        const int Sample = 1_000_000;
        var best = TimeSpan.MaxValue;
        for (var i = 0; i < 20; i++)
        {
            var began = Stopwatch.GetTimestamp();
            _ = Spin(Sample);
            best = TimeSpan.FromTicks(Math.Min(best.Ticks, Stopwatch.GetElapsedTime(began).Ticks));
        }

        return (int)(Sample * (s_burn / best));
    }

    private static uint Spin(int iterations)
    {
        var x = 1u;
        for (var i = 0; i < iterations; i++)
        {
            x = (x * 1664525) + 1013904223;
        }

        return x;
    }
}
