using Simmer.Storage;

namespace Simmer.Postgres;

/// <summary>What operators do with jobs: cancel, retry, delete.</summary>
internal sealed class PostgresOperators(StoreTransactions transactions)
{
    /// <inheritdoc cref="IJobStore.CancelAsync"/>
    public ValueTask<IReadOnlyList<CancelReport>> CancelAsync(IReadOnlyList<JobId> ids, string? reason, DateTimeOffset now,
        CancellationToken cancellationToken) =>
        transactions.OperateAsync<IReadOnlyList<CancelReport>>(now, async (session, at) =>
        {
            var reports = await CancelJobs.EachAsync(session, ids, StoreRules.Cut(reason, StoreRules.LongestReason), at);
            var others = await JobLookup.OfAsync(session, [.. ids.Where(id => !reports.ContainsKey(id))]);
            return StoreRules.Each(ids, id => reports.TryGetValue(id, out var report) ? report
                : new CancelReport(others.StateOf(id) == JobState.Unknown ? CancelResult.NotFound : CancelResult.AlreadyFinished));
        }, cancellationToken, ids.Count);

    /// <inheritdoc cref="IJobStore.RetryAsync"/>
    public ValueTask<IReadOnlyList<RetryResult>> RetryAsync(IReadOnlyList<JobId> ids, DateTimeOffset now,
        CancellationToken cancellationToken) =>
        transactions.OperateAsync(now, (session, at) => RetryJobs.EachAsync(session, ids, at), cancellationToken, ids.Count);

    /// <inheritdoc cref="IJobStore.DeleteAsync"/>
    public async ValueTask<int> DeleteAsync(IReadOnlyList<JobId> ids, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (deleted, refused) = await transactions.OperateAsync(now, async (session, at) =>
        {
            var deleted = 0;
            var refused = await session.TryEachAsync("delete", [.. ids.Distinct()], async some =>
            {
                var part = await DeleteJobs.AllAsync(session, some, at);
                deleted += part;
            });
            return (deleted, refused);
        }, cancellationToken, ids.Count);
        return refused.Count == 0 ? deleted : throw StoreRules
            .NotAllDeleted(deleted, [.. refused.Select(static r => StoreFaults.Refusal(r.Error, $"the deletion of job {r.Item}"))]);
    }
}
