using System.Runtime.CompilerServices;
using Simmer.Context;
using Simmer.Engine;
using Simmer.Runtime;
using Simmer.Storage;
using Simmer.Watching;

namespace Simmer.Client;

/// <summary>Looks jobs up, watches them and waits for them, in whichever store of this process they are.</summary>
internal sealed class JobReader(EngineContext context, StoreEngines engines)
{
    public async Task<JobRecord?> GetAsync(JobId id, CancellationToken cancellationToken)
    {
        CallerContext.Leave();
        return (await FindAsync(id, cancellationToken)).Job;
    }

    public IAsyncEnumerable<JobRecord> WatchAsync(JobId id, long afterVersion, CancellationToken cancellationToken) =>
        WatchAsync(id, afterVersion, null, cancellationToken);

    public async Task<JobRecord?> WaitAsync(JobId id, CancellationToken cancellationToken)
    {
        CallerContext.Leave();
        using var wait = new StalledWait(context, engines);
        await foreach (var job in WatchAsync(id, -1, wait, cancellationToken))
        {
            if (job.State == JobState.Unknown || job.State.IsFinal())
            {
                return job;
            }
        }

        return null;
    }

    private async Task<(JobRecord? Job, StoreReads Where)> FindAsync(JobId id, CancellationToken cancellationToken)
    {
        CallerContext.Leave();
        foreach (var engine in engines.All)
        {
            if (await engine.Reads.JobAsync(id, cancellationToken) is { } found)
            {
                return (found, engine.Reads);
            }
        }

        return (null, engines.Memory.Reads);
    }

    private async IAsyncEnumerable<JobRecord> WatchAsync(JobId id, long afterVersion, StalledWait? wait,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        CallerContext.Leave();

        // The watch begins before the first look: a change between the two is not missed.
        using var watch = context.Watcher.Begin(id);
        using var cancelled = cancellationToken.Register(static w => ((Watch)w!).Pulse.Set(), watch);
        JobRecord? last = null;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (job, where) = await FindAsync(id, cancellationToken);
            wait?.Saw(job);
            job ??= await EndOfAsync(id, last, afterVersion, cancellationToken);

            // The end is always returned: a process of another version may not have counted all the changes that were seen before.
            var ends = last is { } before && !before.State.IsFinal() && job?.State.IsFinal() == true;
            last = job;
            if (job is not null && (job.Version != afterVersion || ends))
            {
                afterVersion = job.Version;
                yield return job;
                CallerContext.Leave();
            }

            if (job is null or { State: JobState.Unknown } || job.State.IsFinal())
            {
                yield break;
            }

            watch.Saw(where, job.Version);
            while (!await watch.Pulse.WaitAsync(wait?.NextLook ?? Timeout.InfiniteTimeSpan))
            {
                if (wait is not null)
                {
                    await wait.PollAsync(where, cancellationToken);
                }
            }
        }
    }

    /// <summary>The last snapshot of a job that the store does not know: how it ended, if it ran here and is not kept; that it has ended,
    /// if it was there a moment ago; otherwise null.</summary>
    private async ValueTask<JobRecord?> EndOfAsync(JobId id, JobRecord? last, long afterVersion, CancellationToken cancellationToken)
    {
        foreach (var engine in engines.All)
        {
            // The job may have been settled by a flush whose answer is still on its way.
            await engine.Intake.WhenAnswered(cancellationToken);
        }

        return context.Watcher.Ended.Find(id) is { } end
            ? (last is null || end.Kind.Length > 0 ? end : last with { State = end.State }) with { Version = afterVersion + 1 }
            : last is null ? null
            : last with { State = JobState.Unknown, Reason = StoreRules.NotKeptReason, Version = afterVersion + 1 };
    }
}
