using Microsoft.Extensions.Hosting;
using Simmer.CrashTests.Worker;

namespace Simmer.FleetTests.Worker;

/// <summary>Callers in this process, as a web application has them. What is not acknowledged they let go.</summary>
internal sealed class Callers(IJobClient jobs, WorkerLife life) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var acks = new AckFile(life.Folder, $"life-{life.Life}");
        using var cancels = new AckFile(life.Folder, $"life-{life.Life}", AckFile.Cancelled);
        using var flows = new AckFile(life.Folder, $"life-{life.Life}", AckFile.Flows);
        await Task.WhenAll(Enumerable.Range(0, life.Callers)
            .Select(caller => CallAsync(new Acks(acks, cancels, flows), new Random((life.Life * 100) + caller), stoppingToken)));
    }

    private async Task CallAsync(Acks acks, Random random, CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await TryEnqueueAsync(acks, random, stoppingToken);
                await Task.Delay(random.Next(1, 25), stoppingToken);
            }
            catch (OperationCanceledException)
            {
                // The process stops.
                return;
            }
        }
    }

    private async Task TryEnqueueAsync(Acks acks, Random random, CancellationToken stoppingToken)
    {
        try
        {
            await EnqueueAsync(acks, random, stoppingToken);
        }
        catch (StoreException e) when (e.IsTransient)
        {
            // The caller gets the exception; its job may be stored or not.
            Console.WriteLine("enqueue refused");
        }
    }

    private async Task EnqueueAsync(Acks acks, Random random, CancellationToken stoppingToken)
    {
        var work = random.Next(4) == 0 ? random.Next(20) : 0;
        switch (random.Next(18))
        {
            case 0:
                acks.Jobs.Add((await jobs.EnqueueAsync(new Count(work), Later(random), stoppingToken)).Id);
                break;
            case 1 or 2:
                acks.Jobs.Add((await jobs.EnqueueAsync(new Count(work, Throws: random.Next(1, 3)), cancellationToken: stoppingToken)).Id);
                break;
            case 3:
                acks.Jobs
                    .Add((await jobs.EnqueueManyAsync(Enumerable.Range(0, random.Next(2, 12)).Select(_ => new Count(work)),
                    cancellationToken: stoppingToken)).Select(static h => h.Id));
                break;
            case 4 or 5:
                var key = new EnqueueOptions { UniqueKey = $"key {random.Next(3)}", UniqueWhile = (UniqueWhile)random.Next(2),
                    Delay = TimeSpan.FromMilliseconds(random.Next(50)) };
                acks.Jobs.Add((await jobs.EnqueueAsync(new Count(work), key, stoppingToken)).Id);
                break;
            case 6:
                await EnqueueAndCancelAsync(acks, random, stoppingToken);
                break;
            case 7 or 8:
                acks.Flows
                    .Add(new JobId((await jobs
                    .EnqueueAsync(random.Next(2) == 0 ? Flows.Order(random) : Paid(random), cancellationToken: stoppingToken)).Id.Value));
                break;
            case 9:
                acks.Flows
                    .Add(new JobId((await jobs
                    .EnqueueAsync(random.Next(2) == 0 ? Flows.Fan(random) : Flows.Decided(random),
                    cancellationToken: stoppingToken)).Id.Value));
                break;
            case 10 or 11 or 12:
                acks.Jobs.Add((await jobs.EnqueueAsync(new Charge(work), cancellationToken: stoppingToken)).Id);
                break;
            case 13 or 14:
                // Several processes give this id at about the same time, and one of them is the first.
                var number = SharedId.Number(random);
                var once = new EnqueueOptions { Id = SharedId.Job(number) };
                acks.Jobs
                    .Add((number % 2 == 0
                    ? await jobs.EnqueueAsync(new Count(work), once, stoppingToken)
                    : await jobs.EnqueueAsync(new Charge(work), once, stoppingToken)).Id);
                break;
            default:
                acks.Jobs.Add((await jobs.EnqueueAsync(new Count(work), cancellationToken: stoppingToken)).Id);
                break;
        }
    }

    private async Task EnqueueAndCancelAsync(Acks acks, Random random, CancellationToken stoppingToken)
    {
        var id = (await jobs.EnqueueAsync(new Count(50), random.Next(2) == 0 ? Later(random) : null, stoppingToken)).Id;
        acks.Jobs.Add(id);
        acks.Cancels.Add(id);
        _ = await jobs.CancelAsync(id, cancellationToken: stoppingToken);
    }

    /// <summary>A payment that is charged exactly once, and undone where what follows fails.</summary>
    private static WorkflowElement Paid(Random random) => Chain.Of("charge", new Charge(), undo: new Follow("refund"))
        .Then("stock", random.Next(3) == 0 ? new Doomed("stock") : new Part("stock"))
        .Then("second charge", new Charge(random.Next(10)));

    private static EnqueueOptions Later(Random random) => new() { Delay = TimeSpan.FromMilliseconds(random.Next(20, 300)) };

    private sealed record Acks(AckFile Jobs, AckFile Cancels, AckFile Flows);
}
