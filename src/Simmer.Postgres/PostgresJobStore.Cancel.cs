using Simmer.Storage;

namespace Simmer.Postgres;

internal sealed partial class PostgresJobStore
{
    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<CancelReport>> CancelAsync(IReadOnlyList<JobId> ids, string? reason, TimeSpan keepFor,
        DateTimeOffset now, CancellationToken cancellationToken) =>
        Operate<IReadOnlyList<CancelReport>>(now, async (session, at) =>
        {
            reason = StoreRules.Cut(reason, StoreRules.LongestReason);
            var reports = await CancelEachAsync(session, ids, reason, keepFor, at);
            var others = new JobLookup();
            var batch = session.Batch();
            others.Ask(batch, [.. ids.Where(id => !reports.ContainsKey(id))]);
            await batch.RunAsync();
            return StoreRules.Each(ids, id => reports.TryGetValue(id, out var report) ? report
                : new CancelReport(others.StateOf(id) == JobState.Unknown ? CancelResult.NotFound : CancelResult.AlreadyFinished));
        }, cancellationToken, ids.Count);

    /// <summary>Cancels what is in the hot table of some jobs, with all that follows from it. One that the database refuses is tried once
    /// more with a mark in place of the reason; refused even so, its answer says why.</summary>
    private static async Task<Dictionary<JobId, CancelReport>> CancelEachAsync(Session session, IEnumerable<JobId> ids, string? reason,
        TimeSpan keepFor, DateTimeOffset now)
    {
        var reports = new Dictionary<JobId, CancelReport>();
        foreach (var (id, refused) in await session
            .TryEachAsync("cancel", [.. ids.Distinct().OrderBy(static id => id.Value)], some => CancelAllAsync(some, reason)))
        {
            if (reason is null || await session
                .TryAsync($"cancel {id} with a mark", () => CancelAllAsync([id], StoreRules.RefusedText)) is not null)
            {
                reports[id] = new CancelReport(CancelResult.NotFound) { Error = StoreFaults.Refusal(refused, $"the cancel of job {id}") };
            }
        }

        return reports;

        async Task CancelAllAsync(IReadOnlyList<JobId> some, string? why)
        {
            var cancelled = new List<(JobId, CancelReport)>(some.Count);
            foreach (var job in await HoldAsync(session, [.. some], skipLocked: false))
            {
                cancelled.Add((job.Id, Cancel(session, job, why, keepFor)));
            }

            await FollowUpAsync(session, now);
            cancelled.ForEach(c => reports[c.Item1] = c.Item2);
        }
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
