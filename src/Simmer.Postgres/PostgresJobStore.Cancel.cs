using Simmer.Storage;

namespace Simmer.Postgres;

internal sealed partial class PostgresJobStore
{
    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<CancelReport>> CancelAsync(IReadOnlyList<JobId> ids, string? reason, TimeSpan keepFor, DateTimeOffset now, CancellationToken cancellationToken) =>
        Operate<IReadOnlyList<CancelReport>>(now, async (session, at) =>
        {
            var reports = new Dictionary<JobId, CancelReport>(ids.Count);
            foreach (var job in await HoldAsync(session, [.. ids.Distinct()], skipLocked: false))
            {
                reports[job.Id] = Cancel(session, job, reason, keepFor);
            }

            await FollowUpAsync(session, at);
            var others = new Whereabouts();
            var batch = session.Batch();
            others.Ask(batch, [.. ids.Where(id => !reports.ContainsKey(id))]);
            await batch.RunAsync();
            return StoreRules.Each(ids, id => reports.TryGetValue(id, out var report) ? report
                : new CancelReport(others.StateOf(id) == JobState.Unknown ? CancelResult.NotFound : CancelResult.AlreadyFinished));
        }, cancellationToken, ids.Count);

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
