using System.Collections.Concurrent;
using System.Diagnostics;

namespace Simmer.Load.Running;

/// <summary>Waits of 1 to 2 ms. .NET's own timers go by the kernel's tick, which may be 4 ms: a sleeping thread does not.</summary>
internal static class FineClock
{
    private static readonly long s_wait = Stopwatch.Frequency / 1000;
    private static readonly BlockingCollection<(long Due, TaskCompletionSource Over)> s_waiting = [];

    static FineClock() => new Thread(Tick) { IsBackground = true, Name = "fine clock" }.Start();

    public static Task WaitAsync()
    {
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        s_waiting.Add((Stopwatch.GetTimestamp() + s_wait, over));
        return over.Task;
    }

    private static void Tick()
    {
        foreach (var (due, over) in s_waiting.GetConsumingEnumerable())
        {
            while (Stopwatch.GetTimestamp() < due)
            {
                Thread.Sleep(1);
            }

            over.SetResult();
        }
    }
}
