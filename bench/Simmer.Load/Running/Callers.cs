using System.Diagnostics;
using Simmer.Load.Measuring;

namespace Simmer.Load.Running;

/// <summary>The ways in which jobs come.</summary>
internal static class Callers
{
    private const int MostWaiting = 10_000;
    private const int TimedCalls = 500_000;

    /// <summary>A closed loop: each caller enqueues its next job when the last is acknowledged, until the time is over.</summary>
    public static Task<Made> ForAsync(IJobClient jobs, Shape shape, TimeSpan duration)
    {
        var until = Stopwatch.GetTimestamp() + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        return LoopAsync(jobs, shape, (_, now) => now < until);
    }

    /// <summary>A closed loop of calls that make several jobs each.</summary>
    /// <param name="rig">The rig that takes the jobs. Callers wait while 10,000 of their jobs have not run, as they would before a bounded
    /// channel.</param>
    /// <param name="shape">How many callers.</param>
    /// <param name="duration">Until when.</param>
    /// <param name="size">How many jobs one turn makes.</param>
    /// <param name="enqueue">One turn of a caller; it ends when its jobs are acknowledged.</param>
    public static async Task<Made> TurnsAsync(Rig rig, Shape shape, TimeSpan duration, int size, Func<Task> enqueue)
    {
        var before = rig.Ran;
        var asked = 0L;
        async Task TurnAsync()
        {
            while (Volatile.Read(ref asked) - (rig.Ran - before) >= MostWaiting)
            {
                await FineClock.WaitAsync();
            }

            Interlocked.Add(ref asked, size);
            await enqueue();
        }

        var until = Stopwatch.GetTimestamp() + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        await Task.WhenAll(Enumerable.Range(0, shape.Callers).Select(_ => Task.Run(async () =>
        {
            while (Stopwatch.GetTimestamp() < until)
            {
                await TurnAsync();
            }
        })));
        return new Made(asked);
    }

    /// <summary>A closed loop of single jobs until there are as many as wanted.</summary>
    public static Task<Made> CountAsync(IJobClient jobs, Shape shape, int count) =>
        LoopAsync(jobs, shape, (made, _) => made < count / shape.Callers);

    /// <summary>Calls of many jobs.</summary>
    /// <param name="jobs">Where they go.</param>
    /// <param name="shape">What they are.</param>
    /// <param name="count">How many in all.</param>
    /// <param name="ran">How many have run since: callers wait while 10,000 have not, as they would before a bounded channel; null: they
    /// never wait.</param>
    public static async Task<Made> BulkAsync(IJobClient jobs, Shape shape, int count, Func<long>? ran = null)
    {
        var calls = count / shape.PerCall / shape.Callers;
        var made = 0L;
        await Task.WhenAll(Enumerable.Range(0, shape.Callers).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < calls; i++)
            {
                while (ran is not null && Volatile.Read(ref made) - ran() >= MostWaiting)
                {
                    await FineClock.WaitAsync();
                }

                Interlocked.Add(ref made, shape.PerCall);
                await jobs.EnqueueManyAsync(Enumerable.Range(0, shape.PerCall).Select(_ => shape.Tick()));
            }
        })));
        return new Made((long)calls * shape.Callers * shape.PerCall);
    }

    /// <summary>An open loop: jobs come at this rate, a few each millisecond, whether or not the last are done. Each one's start is
    /// timed.</summary>
    public static async Task<Made> PacedAsync(IJobClient jobs, Shape shape, double perSecond, TimeSpan duration)
    {
        var began = Stopwatch.GetTimestamp();
        var calls = new List<Task>();
        while (Stopwatch.GetElapsedTime(began) is var elapsed && elapsed < duration)
        {
            for (var due = (int)(perSecond * elapsed.TotalSeconds) - calls.Count; due > 0; due--)
            {
                calls.Add(jobs.EnqueueAsync(shape.Tick(Stopwatch.GetTimestamp())));
            }

            await FineClock.WaitAsync();
        }

        await Task.WhenAll(calls);
        return new Made(calls.Count);
    }

    /// <summary>One job and then nothing for a while, so that each meets an idle system. Each one's start is timed.</summary>
    public static async Task<Made> RareAsync(IJobClient jobs, Shape shape, int count, TimeSpan pause)
    {
        for (var i = 0; i < count; i++)
        {
            _ = await jobs.EnqueueAsync(shape.Tick(Stopwatch.GetTimestamp()));
            await Task.Delay(pause);
        }

        return new Made(count);
    }

    private static async Task<Made> LoopAsync(IJobClient jobs, Shape shape, Func<long, long, bool> goesOn)
    {
        var logs = Enumerable.Range(0, shape.Callers).Select(_ => new Latencies(TimedCalls / shape.Callers)).ToArray();
        var made = await Task.WhenAll(logs.Select(log => Task.Run(() => CallAsync(jobs, shape, log, goesOn))));
        var (p50, p99) = Latencies.Of(logs);
        return new Made(made.Sum(), p50, p99);
    }

    private static async Task<long> CallAsync(IJobClient jobs, Shape shape, Latencies log, Func<long, long, bool> goesOn)
    {
        var made = 0L;
        for (var now = Stopwatch.GetTimestamp(); goesOn(made, now); made++)
        {
            _ = await jobs.EnqueueAsync(shape.Tick());
            var then = now;
            now = Stopwatch.GetTimestamp();
            log.Add(now - then);
        }

        return made;
    }
}
