using Simmer.Context;
using Simmer.Engine;
using Simmer.Execution;
using Simmer.Storage;
using Simmer.Watching;

namespace Simmer.Client;

/// <summary>Notices that a caller who waits for a job or workflow may wait for ever. If all slots of a queue are taken, nothing of it ends,
/// and as many callers wait for ready jobs of that queue as it has slots, then its handlers most likely wait for each other: for jobs of
/// their own queue, or for workflows with steps in it. Whether the callers are those handlers cannot be known, so only a warning is
/// logged.</summary>
internal sealed class StalledWait(EngineContext context, StoreEngines engines) : IDisposable
{
    /// <summary>How long nothing of the queue must have ended before the warning is logged.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    /// <summary>Many callers may wait for workflows that simply take long, so the pauses between the looks double up to this.</summary>
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(16);

    private readonly TimeProvider _time = context.Time;

    // The workflow that is waited for, directly or through a step that waits for other steps; null: a single job is waited for.
    private WorkflowId? _flow;
    private TimeSpan _pause = s_pause;
    private List<(LocalQueue LocalQueue, long Ended)>? _full;
    private long _fullAt;

    // The queue of this process in which the awaited job, or a step of the awaited workflow, is ready and does not start.
    private LocalQueue? _local;
    private JobRecord? _job;
    private long _ended;
    private long _since;
    private LocalQueue? _told;

    /// <summary>How long until the next look even if nothing changes; infinite: only after a change.</summary>
    public TimeSpan NextLook => _local is not null ? s_pause : _flow is not null ? _pause : Timeout.InfiniteTimeSpan;

    /// <summary>Takes the job as it was just read.</summary>
    public void Saw(JobRecord? job)
    {
        // Where a waiting step is awaited, one of the other steps of its workflow may be the one that is ready in a full queue.
        Begin(job is { State: JobState.Waiting, Workflow: { } flow } ? flow : null);
        Enter(job is { State: JobState.Ready } ? engines.LocalQueueOf(job.Queue) : null, job, _time.GetTimestamp());
    }

    /// <summary>Notes that the workflow was just read and has not ended.</summary>
    public void Saw(WorkflowId flow)
    {
        Begin(flow);
        Enter(null, null, 0);
    }

    /// <summary>Looks whether the wait is stalled. Called when nothing has changed.</summary>
    /// <param name="where">The store in which the awaited job or workflow was read.</param>
    /// <param name="cancellationToken">Stops looking.</param>
    public async ValueTask PollAsync(StoreReads where, CancellationToken cancellationToken)
    {
        if (_local is null && _flow is { } flow)
        {
            await FindStalledStepAsync(flow, where, cancellationToken);
        }

        if (_local is not { } local)
        {
            return;
        }

        if (local.Ended != _ended)
        {
            // A job of the queue has ended, so it is not stalled.
            (_ended, _since) = (local.Ended, _time.GetTimestamp());
            if (_flow is not null)
            {
                Enter(null, null, 0);
            }
        }
        else if (_told != local && _time.GetElapsedTime(_since) >= s_patience && local.IsHeldByWaits)
        {
            _told = local;
            Tell(_job!, local);
        }
    }

    public void Dispose()
    {
        _local?.WaitEnded();
        _local = null;
    }

    private void Begin(WorkflowId? flow) => (_flow, _pause, _full) = (flow, s_pause, null);

    private void Enter(LocalQueue? local, JobRecord? job, long since)
    {
        _job = job;
        if (local == _local)
        {
            return;
        }

        _local?.WaitEnded();
        local?.WaitBegan();
        (_local, _ended, _since) = (local, local?.Ended ?? 0, since);
    }

    /// <summary>If a full queue of this process stands still, looks for a step that is ready in it while no other step runs.</summary>
    private async ValueTask FindStalledStepAsync(WorkflowId flow, StoreReads where, CancellationToken cancellationToken)
    {
        var (before, since) = (_full, _fullAt);
        (_full, _fullAt) = (engines.FullQueues(), _time.GetTimestamp());
        if (before is null || !_full.Exists(before.Contains))
        {
            LookLater(before is not null);
            return;
        }

        IReadOnlyList<StepSnapshot> steps;
        try
        {
            steps = await where.StepsAsync(flow, cancellationToken);
        }
        catch (StoreException)
        {
            // The caller gets this exception when it reads the workflow itself.
            LookLater(true);
            return;
        }

        var ready = steps.Any(static s => s.Job.State == JobState.Running) ? null
            : steps.FirstOrDefault(s => s.Job.State == JobState.Ready && before
                .Exists(b => b.LocalQueue.Name == s.Job.Queue && b.LocalQueue.Ended == b.Ended))?.Job;
        if (ready is not null && engines.LocalQueueOf(ready.Queue) is { } local)
        {
            Enter(local, ready, since);
        }
        else
        {
            LookLater(true);
        }
    }

    private void LookLater(bool later)
    {
        if (later && _pause < s_longestPause)
        {
            _pause *= 2;
        }
    }

    private void Tell(JobRecord job, LocalQueue local) => context.Mistakes.Warn(
        $"waits: {local.Name}",
        (Flow: _flow, Job: job, LocalQueue: local),
        static t =>
            (t.Flow is { } flow
                ? $"Workflow {flow} is waited for, and its step '{t.Job.Step}', job {t.Job.Id} ({t.Job.Kind}),"
                : $"Job {t.Job.Id} ({t.Job.Kind}) is waited for, and")
            + $" is ready in queue '{t.LocalQueue.Name}', which has no free slot here (Concurrency {t.LocalQueue.Options.Concurrency}); "
            + $"nothing of it has ended for {s_patience.TotalSeconds:N0} s, and as many jobs of it are waited for. "
            + "If handlers of this queue wait for jobs of the same queue, they wait for each other and none ends. Enqueue what a handler "
            + "waits for in another queue, or return and let it follow as a step: Chain.Of(...).Then(...).");
}
