using Microsoft.Extensions.Hosting;

namespace Simmer.CrashTests.Worker;

/// <summary>Callers in the worker's own process: their jobs are stored as claimed by it, and a kill hits them between the commit and the
/// acknowledgement.</summary>
internal sealed class Enqueuer(IJobClient jobs, WorkerLife life) : BackgroundService
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(300);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var acks = new AckFile(life.Folder, $"life-{life.Life}");
        using var cancels = new AckFile(life.Folder, $"life-{life.Life}", AckFile.Cancelled);
        using var flows = new AckFile(life.Folder, $"life-{life.Life}", AckFile.Flows);
        using var deletes = new AckFile(life.Folder, $"life-{life.Life}", AckFile.Deleted);
        await Task.WhenAll(Enumerable.Range(0, life.Callers)
            .Select(caller => CallAsync(new Acks(acks, cancels, flows, deletes), new Random((life.Life * 100) + caller), stoppingToken)));
    }

    private async Task CallAsync(Acks acks, Random random, CancellationToken stoppingToken)
    {
        try
        {
            while (life.Saturates && !stoppingToken.IsCancellationRequested)
            {
                _ = await jobs.EnqueueAsync(new Heavy(), cancellationToken: CancellationToken.None);
            }

            while (!stoppingToken.IsCancellationRequested)
            {
                await EnqueueAsync(acks, random, stoppingToken);
                await Task.Delay(random.Next(1, 12), stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The process stops.
        }
    }

    private async Task EnqueueAsync(Acks all, Random random, CancellationToken stoppingToken)
    {
        var work = random.Next(4) == 0 ? random.Next(20) : 0;
        var acks = all.Jobs;
        switch (random.Next(24))
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
                acks.Add((await jobs.EnqueueManyAsync(Enumerable.Range(0, random.Next(2, 12)).Select(_ => new Count(work))))
                    .Select(static h => h.Id));
                break;
            case 7:
                var key = new EnqueueOptions { UniqueKey = $"key {random.Next(3)}", UniqueWhile = (UniqueWhile)random.Next(2),
                    Delay = TimeSpan.FromMilliseconds(random.Next(50)) };
                acks.Add((await jobs.EnqueueAsync(new Count(work), key)).Id);
                break;
            case 8:
                await EnqueueAndCancelAsync(acks, all.Cancels, random);
                break;
            case 9 or 12:
                await EnqueueAsync(all, Flows.Order(random));
                break;
            case 10:
                await EnqueueAsync(all, random.Next(2) == 0 ? Flows.Fan(random) : Flows.Decided(random));
                break;
            case 13 or 14:
                acks.Add((await jobs.EnqueueAsync(new Exact(RollsBack: random.Next(3) == 0 ? 1 : 0))).Id);
                break;
            case 11 when random.Next(3) == 0:
                await EnqueueAndDeleteAsync(all, stoppingToken);
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

    private async Task<WorkflowHandle> EnqueueAsync(Acks acks, WorkflowElement flow)
    {
        var handle = await jobs.EnqueueAsync(flow);
        acks.Flows.Add(new JobId(handle.Id.Value));
        return handle;
    }

    private async Task EnqueueAndDeleteAsync(Acks acks, CancellationToken stoppingToken)
    {
        var handle = await EnqueueAsync(acks, Flows.Brief());
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        patience.CancelAfter(s_patience);
        try
        {
            _ = await handle.WaitAsync(patience.Token);
        }
        catch (OperationCanceledException) when (!stoppingToken.IsCancellationRequested)
        {
            // It stays.
            return;
        }

        acks.Deletes.Add(new JobId(handle.Id.Value));
        _ = await jobs.DeleteAsync(handle.Id);
    }

    private static EnqueueOptions Later(Random random) => new() { Delay = TimeSpan.FromMilliseconds(random.Next(20, 300)) };

    private sealed record Acks(AckFile Jobs, AckFile Cancels, AckFile Flows, AckFile Deletes);
}
