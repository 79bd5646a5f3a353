using Simmer.Storage;

namespace Simmer.Postgres;

internal sealed partial class PostgresJobStore
{
    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<CancelReport>> CancelAsync(IReadOnlyList<JobId> ids, string? reason, TimeSpan keepFor, DateTimeOffset now, CancellationToken cancellationToken) =>
        Operate<IReadOnlyList<CancelReport>>(now, async (session, at) =>
        {
            reason = StoreRules.Cut(reason, StoreRules.LongestReason);
            var reports = await WithReasonAsync(session, reason, async why =>
            {
                var some = new Dictionary<JobId, CancelReport>(ids.Count);
                foreach (var job in await HoldAsync(session, [.. ids.Distinct()], skipLocked: false))
                {
                    some[job.Id] = Cancel(session, job, why, keepFor);
                }

                await FollowUpAsync(session, at);
                return some;
            });
            var others = new Whereabouts();
            var batch = session.Batch();
            others.Ask(batch, [.. ids.Where(id => !reports.ContainsKey(id))]);
            await batch.RunAsync();
            return StoreRules.Each(ids, id => reports.TryGetValue(id, out var report) ? report
                : new CancelReport(others.StateOf(id) == JobState.Unknown ? CancelResult.NotFound : CancelResult.AlreadyFinished));
        }, cancellationToken, ids.Count);

    /// <summary>Does something for a reason; once more with a mark in its place where the database refuses it. Refused even so, it is not
    /// done.</summary>
    private static async Task<T> WithReasonAsync<T>(Session session, string? reason, Func<string?, Task<T>> work)
    {
        T answer = default!;
        if (await session.TryAsync("cancel", async () => answer = await work(reason)) is not { } refused)
        {
            return answer;
        }

        if (reason is null || await session.TryAsync("cancel with a mark", async () => answer = await work(StoreRules.RefusedText)) is not null)
        {
            throw StoreFaults.Refusal(refused, "the cancel");
        }

        return answer;
    }

    private static CancelReport Cancel(Session session, HeldJob job, string? reason, TimeSpan keepFor)
    {
        if (job.State == JobState.Running)
        {
            session.Changes.Signal(job, reason);
            return new CancelReport(CancelResult.Requested, new WorkerId(job.Owner), job.Run);
        }

        session.Changes.End(session, job, new Ending(job.Id, JobState.Cancelled, keepFor) { Reason = reason, Step = job.Step });
        return new CancelReport(CancelResult.Cancelled);
    }
}
