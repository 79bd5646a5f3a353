using Simmer.Context;
using Simmer.Engine;
using Simmer.Storage;

namespace Simmer.Client;

/// <summary>Cancels, retries and deletes jobs of one store, a transaction a call, and does what follows from it in this process: handlers
/// are told to stop, watchers to look, runners to claim.</summary>
internal sealed class BatchSteering(EngineContext context)
{
    /// <returns>An answer a job, in the same order; <see cref="CancelResult.NotFound"/> for those that are not in this store.</returns>
    public async ValueTask<IReadOnlyList<CancelReport>> CancelAsync(StoreEngine engine, IReadOnlyList<JobId> ids, string? reason,
        CancellationToken cancellationToken)
    {
        // Cut as the stores keep it: this process may keep it too.
        reason = StoreRules.Cut(reason, StoreRules.LongestReason);
        var answers = await engine.Store.CancelAsync(ids, reason, context.Now, cancellationToken);
        for (var i = 0; i < ids.Count; i++)
        {
            if (answers[i] is { Error: null, Result: not CancelResult.NotFound })
            {
                Cancelled(engine, ids[i], answers[i], reason);
            }
        }

        return answers;
    }

    /// <returns>An answer a job, in the same order; <see cref="RetryStatus.NotFound"/> for those that are not in this store.</returns>
    public async ValueTask<IReadOnlyList<RetryResult>> RetryAsync(StoreEngine engine, IReadOnlyList<JobId> ids,
        CancellationToken cancellationToken)
    {
        var answers = await engine.Store.RetryAsync(ids, context.Now, cancellationToken);
        for (var i = 0; i < ids.Count; i++)
        {
            Retried(engine, ids[i], answers[i]);
        }

        return answers;
    }

    /// <returns>How many; running ones and steps are left.</returns>
    /// <exception cref="StoreException">The database refused some; the others are deleted.</exception>
    public async ValueTask<int> DeleteAsync(StoreEngine engine, IReadOnlyList<JobId> ids, CancellationToken cancellationToken)
    {
        try
        {
            return await engine.Store.DeleteAsync(ids, context.Now, cancellationToken);
        }
        finally
        {
            foreach (var id in ids)
            {
                context.Watcher.Notify(id);
            }
        }
    }

    /// <summary>A job was retried, or was not: what follows in this process.</summary>
    public void Retried(StoreEngine engine, JobId id, RetryResult answer)
    {
        if (answer.Status == RetryStatus.Retried)
        {
            engine.Runner.MayHaveWork();
        }

        if (answer.Status != RetryStatus.NotFound)
        {
            context.Watcher.Notify(id);
        }
    }

    private void Cancelled(StoreEngine engine, JobId id, CancelReport answer, string? reason)
    {
        if (answer.Result == CancelResult.Requested && reason is not null)
        {
            context.Watcher.Ended.NoteCancelReason(id, reason);
        }

        if (answer.IsForgotten)
        {
            context.Watcher.Ended.Add(new JobRecord
            {
                Id = id,
                Kind = "",
                Queue = "",
                State = JobState.Cancelled,
                FinishedAt = context.Now,
                Reason = reason,
            });
        }

        if (answer.Result == CancelResult.Requested && answer.Owner == engine.Registered)
        {
            // It runs in this process, so there is no need to wait for the beat.
            engine.Cancel(new LeaseToken(id, answer.Run));
        }

        // A step's end may make those ready that waited for it.
        engine.Runner.MayHaveWork();
        context.Watcher.Notify(id);
    }
}
