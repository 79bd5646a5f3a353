using System.Diagnostics;

namespace Simmer.Load.Running;

/// <summary>A closed loop of callers, and how fast their jobs run, stretch by stretch.</summary>
internal sealed class Stretches(BenchHost host, Shape shape)
{
    private const int MostWaiting = 10_000;

    private long _made;
    private volatile bool _over;

    /// <summary>Jobs a second in each of some stretches of so many jobs.</summary>
    public async Task<double[]> RatesAsync(int stretches, int jobs)
    {
        var rates = new double[stretches];
        await DuringAsync(async () =>
        {
            var (before, began) = (host.Counter.Count, Stopwatch.GetTimestamp());
            for (var i = 0; i < stretches; i++)
            {
                var goal = before + jobs;
                await host.Counter.WhenAsync(goal);
                var (ran, now) = (host.Counter.Count, Stopwatch.GetTimestamp());
                rates[i] = (ran - before) / Stopwatch.GetElapsedTime(began, now).TotalSeconds;
                (before, began) = (ran, now);
            }
        });
        return rates;
    }

    /// <summary>Lets the callers enqueue for as long as something takes.</summary>
    public async Task DuringAsync(Func<Task> work)
    {
        (_made, _over) = (host.Counter.Count, false);
        var callers = Enumerable.Range(0, shape.Callers).Select(_ => Task.Run(CallAsync)).ToArray();
        try
        {
            await work();
        }
        finally
        {
            _over = true;
            await Task.WhenAll(callers);
        }
    }

    private async Task CallAsync()
    {
        while (!_over)
        {
            if (Interlocked.Increment(ref _made) - host.Counter.Count > MostWaiting)
            {
                _ = Interlocked.Decrement(ref _made);
                await FineClock.WaitAsync();
                continue;
            }

            try
            {
                _ = await host.Jobs.EnqueueAsync(shape.Tick());
            }
            catch (StoreException e) when (e.IsTransient)
            {
                // The caller tries again, as the client of a web server would.
                _ = Interlocked.Decrement(ref _made);
            }
        }
    }
}
