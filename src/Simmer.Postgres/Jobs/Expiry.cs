using Simmer.Storage;

namespace Simmer.Postgres;

/// <summary>Ends jobs that have expired before they began.</summary>
internal sealed class Expiry(AvoidedJobs avoided)
{
    /// <summary>Ends those of some jobs that have not begun, with all that follows from it. Those that another transaction holds are left
    /// for the next time; those that the database refuses are left alone for a while.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="ids">Jobs whose expiry is over.</param>
    /// <param name="now">The present time.</param>
    /// <returns>Those that were ended.</returns>
    public async Task<List<JobId>> EndAsync(Session session, IReadOnlyList<JobId> ids, DateTimeOffset now)
    {
        var expired = new List<JobId>(ids.Count);
        avoided.Avoid(await session.TryEachAsync("expire", ids, async some => expired.AddRange(await EndSomeAsync(session, some, now))),
            "expired", now);
        return expired;
    }

    private static async Task<List<JobId>> EndSomeAsync(Session session, IReadOnlyList<JobId> ids, DateTimeOffset now)
    {
        var expired = new List<JobId>(ids.Count);
        var held = (await HeldJobs.LockAsync(session, [.. ids], skipLocked: true)).ToDictionary(static j => j.Id);
        foreach (var id in ids)
        {
            if (held.TryGetValue(id, out var job) && job.State is JobState.Scheduled or JobState.Ready && job!.Run == job.Forgiven)
            {
                session.Changes.End(session, job,
                    new Ending(id, JobState.Cancelled, job.KeepCancelledFor) { Reason = StoreRules.ExpiredReason, Step = job.Step });
                expired.Add(id);
            }
        }

        await session.FollowUpAsync(now);
        return expired;
    }
}
