using Simmer.Storage;
using Simmer.Storage.Decisions;

namespace Simmer.Sqlite;

/// <summary>What operators, and applications, do to jobs.</summary>
/// <param name="context">The store.</param>
internal sealed class SqliteOperators(SqliteContext context)
{
    private static readonly Sql s_isStep = new("SELECT step IS NOT NULL FROM simmer_history WHERE id = ?1");

    /// <inheritdoc cref="IJobStore.CancelAsync"/>
    public ValueTask<IReadOnlyList<CancelReport>> CancelAsync(IReadOnlyList<JobId> ids, string? reason, DateTimeOffset now,
        CancellationToken cancellationToken) =>
        context.WriteEach<IReadOnlyList<CancelReport>>((session, careful) =>
        {
            var why = StoreRules.Cut(reason, StoreRules.LongestReason);
            var reports = StoreRules.Each(ids, id => careful
                ? CancelJobs.CancelCarefully(session, id, why, now)
                : CancelJobs.Cancel(session, id, why, now));
            WorkflowFollow.Follow(session, now);
            _ = session.Steps.Take();
            return reports;
        }, cancellationToken, ids.Count);

    /// <inheritdoc cref="IJobStore.RetryAsync"/>
    public ValueTask<IReadOnlyList<RetryResult>> RetryAsync(IReadOnlyList<JobId> ids, DateTimeOffset now,
        CancellationToken cancellationToken) =>
        context.WriteEach<IReadOnlyList<RetryResult>>((session, careful) => StoreRules.Each(ids, id => careful
            ? RetryCarefully(session, id, now)
            : Retry(session, id, now)), cancellationToken, ids.Count);

    /// <inheritdoc cref="IJobStore.DeleteAsync"/>
    public async ValueTask<int> DeleteAsync(IReadOnlyList<JobId> ids, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (deleted, refused) = await context.WriteEach((session, careful) =>
        {
            var missing = new HashSet<JobId>();
            var deleted = 0;
            var refused = session.ForEach(ids, careful, id =>
            {
                deleted += DeleteJobs.Delete(session, id, now, missing) ? 1 : 0;
                if (careful)
                {
                    // What follows must not wait for the others: the refusal of one of them forgets what ended steps have to say.
                    WorkflowFollow.Follow(session, now);
                }
            });
            WorkflowFollow.Follow(session, now);
            _ = session.Steps.Take();
            return (missing.Count == 0 ? deleted : deleted + DeleteJobs.DeleteNameless(session, missing, careful, refused), refused);
        }, cancellationToken, ids.Count);
        return refused.Count == 0
            ? deleted
            : throw StoreRules.NotAllDeleted(deleted,
                [.. refused.Select(static r => StoreFaults.Refusal(r.Error, $"the deletion of job {r.Item}"))]);
    }

    private static RetryResult RetryCarefully(SqliteSession session, JobId id, DateTimeOffset now)
    {
        RetryResult? result = null;
        return session.Try(("retry", id), () => result = Retry(session, id, now)) is { } refused
            ? new RetryResult(RetryStatus.NotRetryable, JobLookup.StateOf(session, id))
            {
                Error = StoreFaults.Refusal(refused, $"the retry of job {id}"),
            }
            : result!;
    }

    private static RetryResult Retry(SqliteSession session, JobId id, DateTimeOffset now)
    {
        if (session[s_isStep].Bind(1, id).Number() == 1)
        {
            return RetryWorkflows.Retry(session, new WorkflowRetryRequest(WorkflowId.OfStep(id), id, Force: false), now);
        }

        var state = JobLookup.StateOf(session, id);
        var status = RetryDecision.For(state);
        return status != RetryStatus.Retried ? new RetryResult(status, state)
            : JobHistory.TryRetry(session, id, now) ? new RetryResult(RetryStatus.Retried, JobState.Ready)
            : new RetryResult(RetryStatus.Conflict, state, JobLookup.HolderOfEnded(session, id));
    }
}
