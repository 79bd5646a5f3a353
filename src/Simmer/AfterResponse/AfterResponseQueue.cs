using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Simmer.Context;
using Simmer.Diagnostics;
using Simmer.Engine;
using Simmer.Enqueue;
using Simmer.Execution;
using Simmer.Jobs;
using Simmer.Storage;

namespace Simmer.AfterResponse;

/// <summary>Runs the tasks of requests. The tasks of one request are one job in memory, run by the same executor, watch and shutdown as all
/// other jobs. The queue has its own slots and its own waiting list. The job has no row in a store: no other process could claim it, and
/// the way through a flush cost the endpoint a fifth of its requests per second.</summary>
internal sealed class AfterResponseQueue(EngineContext context, StoreEngine memory, DraftFactory drafts) : IAfterResponseQueue, IRunSource
{
    private readonly Lock _gate = new();
    private readonly Queue<(AfterResponseBatch Batch, DateTimeOffset Since)> _waiting = new();
    private readonly LocalQueue _local = memory.Runner.Queue(QueueNames.AfterResponse)!;
    private readonly JobKind _kind = context.Catalog.Find(KindNames.AfterResponse)!;
    private readonly ConcurrentDictionary<(Type Delegate, bool TakesArgument), string?> _missing = new();
    private readonly IServiceProviderIsService? _services = context.Services.GetService<IServiceProviderIsService>();
    private int _reserved;
    private int _running;
    private bool _stopped;

    public int Capacity => _local.Options.Capacity;

    public bool TryReserve()
    {
        lock (_gate)
        {
            if (_reserved + _waiting.Count >= Capacity)
            {
                return false;
            }

            _reserved++;
            return true;
        }
    }

    public void Release()
    {
        lock (_gate)
        {
            _reserved--;
        }
    }

    public void Check(IJob job, EnqueueOptions? options) => drafts.Make(job, options, context.Catalog.Of(job));

    public void Check(Delegate work, bool takesArgument)
    {
        // TryGetValue before GetOrAdd: the latter needs the answer as an argument, and finding it allocates.
        (Type Delegate, bool TakesArgument) shape = (work.GetType(), takesArgument);
        if ((_missing.TryGetValue(shape, out var known) ? known : _missing.GetOrAdd(shape, WhatIsMissing(shape))) is { } service)
        {
            throw new InvalidOperationException(
                $"Task {TaskName.Of(work)} takes {service}, which is no registered service, so it could not be called after the "
                    + "response. Register it with the application's services, or give the object with the task: tasks.Add(argument, "
                    + "task).");
        }
    }

    public void Drop(AfterResponseBatch batch, string why)
    {
        Release();
        var isFirst = batch.Endpoint is { } endpoint && context.Mistakes.IsFirst($"dropped: {endpoint}");
        context.Logger.TasksDropped(batch, why, isFirst);
    }

    public void TaskFailed() => context.Metrics.TaskFailed();

    // Each run wakes a thread of the pool. Gathering the starts of a millisecond with a timer made no difference that could be measured.
    public void Submit(AfterResponseBatch batch)
    {
        JobRun? run = null;
        lock (_gate)
        {
            _reserved--;
            if (!_stopped && _running < _local.Options.Concurrency)
            {
                _running++;
                run = Prepare(batch);
            }
            else if (!_stopped)
            {
                _waiting.Enqueue((batch, context.Now));
                return;
            }
        }

        if (run is not null)
        {
            (_local.Threads ?? context.Starter).StartNear(run);
        }
        else
        {
            batch.Lost(context.Logger, new ObjectDisposedException("Simmer", "Simmer has stopped; nothing can be started any more."));
        }
    }

    public JobRun? Ended(JobRun run)
    {
        lock (_gate)
        {
            if (!_stopped && _waiting.TryDequeue(out var next))
            {
                return Prepare(next.Batch);
            }

            _running--;
            return null;
        }
    }

    /// <summary>How many batches wait, and since when the oldest does; null if none waits.</summary>
    public QueueRecord? Waiting()
    {
        lock (_gate)
        {
            return _waiting.TryPeek(out var oldest) ? new QueueRecord(QueueNames.AfterResponse, false, _waiting.Count, oldest.Since) : null;
        }
    }

    /// <summary>Begins the shutdown: from now on nothing starts.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _stopped = true;
        }
    }

    /// <summary>Takes out, for the shutdown, the batches that have not started.</summary>
    public List<AfterResponseBatch> TakeWaiting()
    {
        lock (_gate)
        {
            var left = _waiting.Select(static w => w.Batch).ToList();
            _waiting.Clear();
            return left;
        }
    }

    // Every delegate that Add takes has its services before the token and the return type, and after the argument if there is one.
    private string? WhatIsMissing((Type Delegate, bool TakesArgument) shape) => shape.Delegate.GenericTypeArguments
        .Skip(shape.TakesArgument ? 1 : 0)
        .FirstOrDefault(type => type != typeof(CancellationToken) && !typeof(Task).IsAssignableFrom(type) && type != typeof(ValueTask)
            && _services?.IsService(type) == false) is { } missing ? TypeNames.An(missing) : null;

    // Called under the gate, so that a shutdown, which takes the gate first, finds the run in the table.
    private JobRun Prepare(AfterResponseBatch batch)
    {
        var now = context.Now;
        var draft = new JobDraft
        {
            Id = NewIds.Next(now),
            Kind = _kind.Name,
            Queue = _local.Name,
            Item = batch,
            MaxAttempts = 1,
            TraceParent = Telemetry.ContextOf(batch.Origin),
        };
        var run = new JobRun(memory.Runner, _local, new JobClaim(draft, 1, 0, now), _kind,
            context.Time.GetTimestamp()) { Source = this };
        memory.Table.Add(run);
        memory.Watch.Started(run);
        return run;
    }
}
