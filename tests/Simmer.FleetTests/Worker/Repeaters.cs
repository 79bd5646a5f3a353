using System.Data;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Simmer.CrashTests.Worker;

namespace Simmer.FleetTests.Worker;

/// <summary>Callers that give ids which the callers of other processes give as well, while their jobs end in every way there is.</summary>
internal sealed class Repeaters(IJobClient jobs, NpgsqlDataSource database, FleetLife fleet, WorkerLife life) : BackgroundService
{
    /// <summary>Ids each as often as its enqueue was answered as stored.</summary>
    public const string Stored = "stored";

    /// <summary>Ids whose enqueue was not answered.</summary>
    public const string Unanswered = "unanswered";

    private readonly AckFile _acks = new(life.Folder, $"life-{life.Life}-repeats");
    private readonly AckFile _flows = new(life.Folder, $"life-{life.Life}-repeats", AckFile.Flows);
    private readonly AckFile _stored = new(life.Folder, $"life-{life.Life}-repeats", Stored);
    private readonly AckFile _unanswered = new(life.Folder, $"life-{life.Life}-repeats", Unanswered);

    public override void Dispose()
    {
        _acks.Dispose();
        _flows.Dispose();
        _stored.Dispose();
        _unanswered.Dispose();
        base.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(Enumerable.Range(0, fleet.Repeaters)
            .Select(caller => CallAsync(new Random((life.Life * 100) + caller), stoppingToken)));

    private async Task CallAsync(Random random, CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var number = SharedId.Number(random);
            try
            {
                await RepeatAsync(number, random);
            }
            catch (Exception e) when (e is StoreException { IsTransient: true } or NpgsqlException)
            {
                _unanswered.Add(SharedId.Job(number));
            }

            try
            {
                await Task.Delay(random.Next(6), stoppingToken);
            }
            catch (OperationCanceledException)
            {
                // The process stops.
            }
        }
    }

    // All processes that use an id at the same time enqueue the same job.
    private Task RepeatAsync(long number, Random random) => (number % 6) switch
    {
        0 => RepeatAsync(new Count(0), null, number, random, isKept: true),
        1 => RepeatAsync(new Charge(random.Next(8), Lingers.BeforeCommit), null, number, random, isKept: true),
        2 => RepeatAsync(new Once(), Once.Unkept, number, random, isKept: false),
        3 => RepeatAsync(new Once(), Once.Brief, number, random, isKept: false),
        4 => FailAndRetryAsync(number, random),
        _ => RepeatFlowAsync(number, random),
    };

    private async Task RepeatAsync(IJob job, string? queue, long number, Random random, bool isKept)
    {
        var options = new EnqueueOptions { Id = SharedId.Job(number), Queue = queue };
        var handle = random.Next(4) switch
        {
            0 => await WithinAsync(random, within => within.EnqueueAsync(job, options)),
            1 => (await jobs.EnqueueManyAsync([(new Count(0), null), (job, options)]))[1],
            _ => await jobs.EnqueueAsync(job, options),
        };
        if (isKept)
        {
            _acks.Add(handle.Id);
        }

        if (!handle.IsDuplicate)
        {
            _stored.Add(handle.Id);
        }
    }

    private async Task FailAndRetryAsync(long number, Random random)
    {
        await RepeatAsync(new Once(Fails: true), null, number, random, isKept: true);
        if (random.Next(3) == 0)
        {
            _ = await jobs.RetryAsync(SharedId.Job(number));
        }
    }

    private async Task RepeatFlowAsync(long number, Random random)
    {
        var flow = Chain.Of("first", new Part("shared")).Then("second", new Part("shared"));
        var options = new WorkflowOptions { Id = SharedId.Workflow(number) };
        var handle = random.Next(3) == 0
            ? await WithinAsync(random, within => within.EnqueueAsync(flow, options))
            : await jobs.EnqueueAsync(flow, options);
        _flows.Add(new JobId(handle.Id.Value));
    }

    private async Task<T> WithinAsync<T>(Random random, Func<IJobClient, Task<T>> enqueue)
    {
        await using var connection = await database.OpenConnectionAsync();
        await using var transaction = await connection
            .BeginTransactionAsync(random
            .Next(3) switch { 0 => IsolationLevel.ReadCommitted, 1 => IsolationLevel.RepeatableRead, _ => IsolationLevel.Serializable });
        await using (var look = new NpgsqlCommand("SELECT count(*) FROM charge", connection, transaction))
        {
            _ = await look.ExecuteScalarAsync();
        }

        await Task.Delay(random.Next(20));
        var answer = await enqueue(jobs.Within(transaction));
        await Task.Delay(random.Next(20));
        await transaction.CommitAsync();
        return answer;
    }
}
