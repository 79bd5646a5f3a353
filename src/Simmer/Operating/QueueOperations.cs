using Simmer.Context;
using Simmer.Engine;
using Simmer.Jobs;
using Simmer.Runtime;
using Simmer.Storage;

namespace Simmer.Operating;

/// <summary>Shows the queues and workers, pauses queues and resumes them.</summary>
internal sealed class QueueOperations(EngineContext context, StoreEngines engines)
{
    public async Task<IReadOnlyList<QueueStatus>> GetQueuesAsync(CancellationToken cancellationToken)
    {
        CallerContext.Leave();
        var queues = new Dictionary<(string Name, Durability Durability), QueueStatus>();
        foreach (var name in context.Options.Queues.Keys)
        {
            var stored = QueueNames.Stored(name);
            var durability = DurabilityOf(engines.Of(stored));
            queues[(stored, durability)] = new QueueStatus(name, durability) { IsDeclared = true };
        }

        foreach (var engine in engines.All)
        {
            foreach (var record in await engine.Store.Browser.QueuesAsync(cancellationToken))
            {
                if (engines.TryFind(record.Name) is { } declared && declared != engine && record is { Ready: 0, Paused: false })
                {
                    // What processes declare stands in the database for queues in memory as well; their jobs are not there.
                    continue;
                }

                var key = (record.Name, DurabilityOf(engine));
                queues[key] = Filled(queues.GetValueOrDefault(key) ?? new QueueStatus(record.Name, key.Item2), record);
            }
        }

        return [.. queues.OrderBy(static q => q.Key.Name, StringComparer.Ordinal).ThenBy(static q => q.Key.Durability)
            .Select(static q => q.Value)];
    }

    public async Task<IReadOnlyList<WorkerStatus>> GetWorkersAsync(CancellationToken cancellationToken)
    {
        CallerContext.Leave();
        var store = (engines.Durable ?? engines.Memory).Store;
        var workers = await store.Browser.WorkersAsync(context.Now, cancellationToken);
        return [.. workers.Select(static w => new WorkerStatus(w.Info.Name)
        {
            Queues = w.Info.Queues,
            Capabilities = w.Info.Capabilities,
            Running = w.Running,
            BeatAge = w.BeatAge,
            Lease = w.Info.Lease,
        })];
    }

    public async Task PauseAsync(string queue, string? reason, string? by, CancellationToken cancellationToken)
    {
        CallerContext.Leave();
        var (engine, name) = await FindAsync(queue, cancellationToken);
        await engine.Store.PauseQueueAsync(name, reason, by, context.Now, cancellationToken);
    }

    public async Task ResumeAsync(string queue, CancellationToken cancellationToken)
    {
        CallerContext.Leave();
        var (engine, name) = await FindAsync(queue, cancellationToken);
        await engine.Store.ResumeQueueAsync(name, context.Now, cancellationToken);
        engine.Runner.MayHaveWork();
    }

    /// <summary>The store that holds a queue: where this process declares it; else the database, if that knows it.</summary>
    private async ValueTask<(StoreEngine Engine, string Name)> FindAsync(string queue, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(queue);
        var name = QueueNames.Stored(queue);
        if (name == QueueNames.AfterResponse)
        {
            throw new ArgumentException(
                $"Queue '{name}' holds tasks that run after a response, which cannot be paused: they would be lost with the process. Put "
                + "jobs into a queue of their own.", nameof(queue));
        }

        if (engines.TryFind(name) is { } declared)
        {
            return (declared, name);
        }

        var known = context.Options.Queues.Keys.AsEnumerable();
        if (engines.Durable is { } durable)
        {
            var stored = (await durable.Store.Browser.QueuesAsync(cancellationToken)).Select(static q => q.Name).ToList();
            if (stored.Contains(name))
            {
                return (durable, name);
            }

            known = known.Concat(stored);
        }

        throw new ArgumentException(
            $"Queue '{StoreRules.Cut(queue, StoreRules.LongestShown)}' is not known, neither here nor in a database"
            + (Names.Nearest(name, known) is { } near ? $"; did you mean '{near}'?" : "."), nameof(queue));
    }

    private QueueStatus Filled(QueueStatus status, QueueRecord record)
    {
        var age = context.Now - record.OldestReady;
        return status with
        {
            Ready = record.Ready,
            OldestReady = age < TimeSpan.Zero ? TimeSpan.Zero : age,
            Pause = record.Pause ?? (record.Paused ? new QueuePause(null, null, null) : null),
        };
    }

    private static Durability DurabilityOf(StoreEngine engine) => engine.Store.IsDurable ? Durability.Durable : Durability.InMemory;
}
