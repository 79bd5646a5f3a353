using Microsoft.Extensions.Hosting;

namespace Simmer.CrashTests.Worker;

/// <summary>Callers in the worker's own process: their jobs are stored as claimed by it, and a kill hits them between the commit and the acknowledgement.</summary>
internal sealed class Enqueuer(IJobClient jobs, WorkerLife life) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var acks = new AckFile(life.Folder, $"life-{life.Life}");
        await Task.WhenAll(Enumerable.Range(0, life.Callers).Select(caller => EnqueueAsync(acks, new Random((life.Life * 100) + caller), stoppingToken)));
    }

    private async Task EnqueueAsync(AckFile acks, Random random, CancellationToken stoppingToken)
    {
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                var handle = await jobs.EnqueueAsync(new Count(random.Next(4) == 0 ? random.Next(20) : 0), cancellationToken: CancellationToken.None);
                acks.Add([handle.Id]);
                await Task.Delay(random.Next(1, 12), stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The process stops.
        }
    }
}
