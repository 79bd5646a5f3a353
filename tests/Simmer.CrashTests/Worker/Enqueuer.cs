using Microsoft.Extensions.Hosting;

namespace Simmer.CrashTests.Worker;

/// <summary>Callers in the worker's own process: their jobs are stored as claimed by it, and a kill hits them between the commit and the acknowledgement.</summary>
internal sealed class Enqueuer(IJobClient jobs, WorkerLife life) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var acks = new AckFile(life.Folder, $"life-{life.Life}");
        using var cancels = new AckFile(life.Folder, $"life-{life.Life}", AckFile.Cancelled);
        await Task.WhenAll(Enumerable.Range(0, life.Callers).Select(caller => CallAsync(acks, cancels, new Random((life.Life * 100) + caller), stoppingToken)));
    }

    private async Task CallAsync(AckFile acks, AckFile cancels, Random random, CancellationToken stoppingToken)
    {
        try
        {
            while (life.Saturates && !stoppingToken.IsCancellationRequested)
            {
                _ = await jobs.EnqueueAsync(new Heavy(), cancellationToken: CancellationToken.None);
            }

            while (!stoppingToken.IsCancellationRequested)
            {
                await EnqueueAsync(acks, cancels, random);
                await Task.Delay(random.Next(1, 12), stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The process stops.
        }
    }

    private async Task EnqueueAsync(AckFile acks, AckFile cancels, Random random)
    {
        var work = random.Next(4) == 0 ? random.Next(20) : 0;
        switch (random.Next(20))
        {
            case 0 or 1:
                acks.Add((await jobs.EnqueueAsync(new Count(work), Later(random))).Id);
                break;
            case 2 or 3:
                acks.Add((await jobs.EnqueueAsync(new Count(work, Throws: random.Next(1, 3)))).Id);
                break;
            case 4 or 5:
                acks.Add((await jobs.EnqueueAsync(new Brief(work))).Id);
                break;
            case 6:
                acks.Add((await jobs.EnqueueManyAsync(Enumerable.Range(0, random.Next(2, 12)).Select(_ => new Count(work)))).Select(static h => h.Id));
                break;
            case 7:
                var key = new EnqueueOptions { UniqueKey = $"key {random.Next(3)}", UniqueWhile = (UniqueWhile)random.Next(2), Delay = TimeSpan.FromMilliseconds(random.Next(50)) };
                acks.Add((await jobs.EnqueueAsync(new Count(work), key)).Id);
                break;
            case 8:
                await EnqueueAndCancelAsync(acks, cancels, random);
                break;
            default:
                acks.Add((await jobs.EnqueueAsync(new Count(work))).Id);
                break;
        }
    }

    private async Task EnqueueAndCancelAsync(AckFile acks, AckFile cancels, Random random)
    {
        var id = (await jobs.EnqueueAsync(new Count(50), random.Next(2) == 0 ? Later(random) : null)).Id;
        acks.Add(id);
        cancels.Add(id);
        _ = await jobs.CancelAsync(id);
    }

    private static EnqueueOptions Later(Random random) => new() { Delay = TimeSpan.FromMilliseconds(random.Next(20, 300)) };
}
