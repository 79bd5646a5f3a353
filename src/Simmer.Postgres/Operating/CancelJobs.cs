using Simmer.Storage;
using Simmer.Storage.Decisions;

namespace Simmer.Postgres;

/// <summary>Cancels jobs: waiting ones end at once, and the workers of running ones get a signal.</summary>
internal static class CancelJobs
{
    /// <summary>Cancels what is in the hot table of some jobs, with all that follows from it. One that the database refuses is tried once
    /// more with a mark in place of the reason; refused even so, its answer says why.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="ids">The jobs.</param>
    /// <param name="reason">Why, for people.</param>
    /// <param name="now">The present time.</param>
    /// <returns>An answer for each that is in the hot table, and for each that was refused.</returns>
    public static async Task<Dictionary<JobId, CancelReport>> EachAsync(Session session, IEnumerable<JobId> ids, string? reason,
        DateTimeOffset now)
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
            var cancelled = new List<(JobId Id, CancelReport Report)>(some.Count);
            foreach (var job in await HeldJobs.LockAsync(session, [.. some], skipLocked: false))
            {
                cancelled.Add((job.Id, Cancel(session, job, why)));
            }

            await session.FollowUpAsync(now);
            cancelled.ForEach(c => reports[c.Id] = c.Report);
        }
    }

    /// <summary>Cancels a job that is locked; what follows is yet to be written.</summary>
    public static CancelReport Cancel(Session session, HeldJob job, string? reason)
    {
        if (CancelDecision.For(job.State) == CancelResult.Requested)
        {
            session.Changes.Signal(job, reason);
            return new CancelReport(CancelResult.Requested, new WorkerId(job.Owner), job.Run);
        }

        var ending = new Ending(job.Id, JobState.Cancelled, job.KeepCancelledFor) { Reason = reason, Step = job.Step };
        session.Changes.End(session, job, ending);
        return new CancelReport(CancelResult.Cancelled) { IsForgotten = !ending.IsKept };
    }
}
