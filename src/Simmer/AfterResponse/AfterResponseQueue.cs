using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Simmer.Diagnostics;
using Simmer.Enqueue;
using Simmer.Execution;
using Simmer.Hosting;
using Simmer.Jobs;
using Simmer.Storage;

namespace Simmer.AfterResponse;

/// <summary>Runs requests' tasks: a job in memory each, by the same executor, watch and shutdown as all others. It has slots and a waiting
/// line of its own and no row in a store: nobody else could claim it, and the way through a flush cost the endpoint a fifth of its requests
/// per second.</summary>
internal sealed class AfterResponseQueue(SimmerNode node) : IAfterResponseQueue, IRunSource
{
    private readonly Lock _gate = new();
    private readonly Queue<(AfterResponseBatch Batch, DateTimeOffset Since)> _waiting = new();
    private readonly LocalQueue _local = node.Memory.Runner.Queue(QueueNames.AfterResponse)!;
    private readonly JobKind _kind = node.Context.Catalog.Find(KindNames.AfterResponse)!;
    private readonly ConcurrentDictionary<(Type Delegate, bool TakesArgument), string?> _missing = new();
    private readonly IServiceProviderIsService? _services = node.Context.Services.GetService<IServiceProviderIsService>();
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

    public void Check(IJob job, EnqueueOptions? options) => node.Drafts.Make(job, options, node.Context.Catalog.Of(job));

    public void Check(Delegate work, bool takesArgument)
    {
        // Looked up first: what would make the answer is an object a call.
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
        var isFirst = batch.Endpoint is { } endpoint && node.Context.Mistakes.IsFirst($"dropped: {endpoint}");
        node.Context.Logger.TasksDropped(batch, why, isFirst);
    }

    // Each run is a wake-up of the pool. Gathering the starts of a millisecond behind a timer made no difference that could be told from
    // the noise.
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
                _waiting.Enqueue((batch, node.Context.Now));
                return;
            }
        }

        if (run is not null)
        {
            (_local.Threads ?? node.Context.Starter).StartNear(run);
        }
        else
        {
            batch.Lost(node.Context.Logger, new ObjectDisposedException("Simmer", "Simmer has stopped; nothing can be started any more."));
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

    /// <summary>How many wait, and since when the oldest; null: none.</summary>
    public QueueRecord? Waiting()
    {
        lock (_gate)
        {
            return _waiting.TryPeek(out var oldest) ? new QueueRecord(QueueNames.AfterResponse, false, _waiting.Count, oldest.Since) : null;
        }
    }

    /// <summary>At the end of the process: nothing starts any more.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _stopped = true;
        }
    }

    /// <summary>At the end of the process: takes out what has not started.</summary>
    public List<AfterResponseBatch> TakeWaiting()
    {
        lock (_gate)
        {
            var left = _waiting.Select(static w => w.Batch).ToList();
            _waiting.Clear();
            return left;
        }
    }

    // The shapes of Add have their services in front of the token and of what they return.
    private string? WhatIsMissing((Type Delegate, bool TakesArgument) shape) => shape.Delegate.GenericTypeArguments
        .Skip(shape.TakesArgument ? 1 : 0)
        .FirstOrDefault(type => type != typeof(CancellationToken) && !typeof(Task).IsAssignableFrom(type) && type != typeof(ValueTask)
            && _services?.IsService(type) == false) is { } missing ? TypeNames.An(missing) : null;

    // Under the gate: whoever stops everything afterwards finds the run in the table.
    private JobRun Prepare(AfterResponseBatch batch)
    {
        var now = node.Context.Now;
        var draft = new JobDraft
        {
            Id = NewIds.Next(now),
            Kind = _kind.Name,
            Queue = _local.Name,
            Item = batch,
            MaxAttempts = 1,
            TraceParent = Telemetry.ContextOf(batch.Origin),
        };
        var run = new JobRun(node.Memory, _local, new JobClaim(draft, 1, 0, now), _kind,
            node.Context.Time.GetTimestamp()) { Source = this };
        node.Memory.Table.Add(run);
        node.Memory.Watch.Started(run);
        return run;
    }
}
