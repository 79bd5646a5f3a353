using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Simmer.Load.Running;

namespace Simmer.Load.Baselines;

/// <summary>The solution that one would write by hand: a bounded channel, one task that reads it, and a DI scope with a handler for each
/// job. It has no limits, no retries and no states, and a failed or slow handler holds up all jobs.</summary>
internal static class ByHand
{
    private const int Capacity = 10_000;
    private const int Waiting = 100_000;

    public static double Rate(Shape shape, Steps steps, TimeSpan duration)
    {
        using var services = new ServiceCollection().AddSingleton<TickCounter>().AddScoped<Handler>().BuildServiceProvider();
        var waits = !steps.HasFlag(Steps.Enqueue);
        var channel = Channel.CreateBounded<Tick>(new BoundedChannelOptions(waits ? Waiting : Capacity) { SingleReader = true });
        for (var i = 0; waits && i < Waiting; i++)
        {
            _ = channel.Writer.TryWrite(shape.Tick());
        }

        if (waits)
        {
            channel.Writer.Complete();
        }

        using var over = new CancellationTokenSource(duration);
        var began = Stopwatch.GetTimestamp();
        var writers = Enumerable.Range(0, waits ? 0 : shape.Callers).Select(_ => Task.Run(() => WriteAsync(channel.Writer, shape)))
            .ToArray();
        var count = ReadAsync(channel.Reader, services, over.Token).GetAwaiter().GetResult();
        var rate = count / Stopwatch.GetElapsedTime(began).TotalSeconds;
        _ = channel.Writer.TryComplete();
        Task.WaitAll(writers);
        return rate;
    }

    private static async Task WriteAsync(ChannelWriter<Tick> writer, Shape shape)
    {
        while (await writer.WaitToWriteAsync())
        {
            _ = writer.TryWrite(shape.Tick());
        }
    }

    // Until the time is over, or what waited has run.
    private static async Task<long> ReadAsync(ChannelReader<Tick> reader, ServiceProvider services, CancellationToken over)
    {
        var count = 0L;
        await foreach (var job in reader.ReadAllAsync())
        {
            if (over.IsCancellationRequested)
            {
                break;
            }

            await using var scope = services.CreateAsyncScope();
            await scope.ServiceProvider.GetRequiredService<Handler>().HandleAsync(job);
            count++;
        }

        return count;
    }

    private sealed class Handler(TickCounter counter)
    {
        public async Task HandleAsync(Tick job)
        {
            await Works.DoAsync(job.Work);
            counter.Ran();
        }
    }
}
