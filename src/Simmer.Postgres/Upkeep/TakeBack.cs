using Microsoft.Extensions.Logging;
using Simmer.Storage;
using Simmer.Storage.Decisions;

namespace Simmer.Postgres;

/// <summary>Takes running jobs back from a worker that is gone, or that goes.</summary>
/// <param name="logger">Told of jobs whose return the database refuses.</param>
internal sealed class TakeBack(ILogger logger)
{
    private static readonly string s_level = $"SELECT {JobColumns.Level} FROM simmer.job j WHERE j.id = $1";

    /// <summary>Decides about a job that is locked, and notes what is to be written of it.</summary>
    public delegate void Work(Session session, HeldJob job, DateTimeOffset now, Rescued into);

    /// <summary>Does something with each running job that is still as it was found, and writes what follows from it. One for which the
    /// database refuses that is set aside, and the others go on; refused even so it is found again as an orphan.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="runs">The jobs.</param>
    /// <param name="now">The present time.</param>
    /// <param name="rescued">What has come of it.</param>
    /// <param name="work">What is done with each.</param>
    /// <param name="skipLocked">Whether those that another transaction holds are left out.</param>
    /// <param name="slotsOfDead">The slots of an owner that died, if they are known; null: no owner died.</param>
    /// <returns>How many it was done with, or refused.</returns>
    public async Task<int> DoAsync(Session session, OwnedRun[] runs, DateTimeOffset now, Rescued rescued, Work work, bool skipLocked,
        Func<long, int?>? slotsOfDead = null)
    {
        var count = 0;
        var refused = await session.TryEachAsync("take back", runs, async some =>
        {
            var part = new Rescued();
            var found = await DoAllAsync(session, some, now, part, work, skipLocked);
            rescued.Join(part);
            count += found;
        });
        foreach (var (run, error) in refused)
        {
            Log.RescueRefused(logger, error, run.Id, run.Run);
            var refusal = StoreFaults.Refusal(error, $"the return of job {run.Id}");
            if (!refusal.IsTransient)
            {
                _ = await session.TryAsync($"set aside {run.Id}", () => SetAsideAsync(session, run, slotsOfDead, refusal.Message, now));
            }
        }

        // Those that are refused are no reason to look again at once: the next sweep is soon enough.
        return count + refused.Count;
    }

    private static async Task<int> DoAllAsync(Session session, IReadOnlyList<OwnedRun> runs, DateTimeOffset now, Rescued rescued, Work work,
        bool skipLocked)
    {
        var found = runs.ToDictionary(static run => run.Id);
        var held = await HeldJobs.LockAsync(session, [.. found.Keys], skipLocked);
        var taken = held.FindAll(job => job.State == JobState.Running && found[job.Id] == new OwnedRun(job.Id, job.Run, job.Owner));
        var batch = session.Batch();
        ProgressRows.Take(batch, taken.ConvertAll(static job => job.Token));
        await batch.RunAsync();
        foreach (var job in taken)
        {
            work(session, job, now, rescued);
        }

        await session.FollowUpAsync(now);
        return taken.Count;
    }

    /// <summary>Sets a job aside whose return was refused. It is as suspect as if it had come back: else one that kills its workers, and
    /// whose return is refused each time, would go on for ever among others.</summary>
    private static async Task SetAsideAsync(Session session, OwnedRun run, Func<long, int?>? slotsOfDead, string reason, DateTimeOffset now)
    {
        var (level, spends) = (0, false);
        if (slotsOfDead is not null)
        {
            await session.Batch().Add(s_level).Bind(run.Id)
                .Each(row => (level, spends) = SuspectRoom.AfterDeath(row.GetInt32(0), slotsOfDead(run.Owner))).RunAsync();
        }

        var until = StoreRules.KeepUntil(now, SetAsideDecision.RestAfter(run.Run));
        await SetAside.WriteAsync(session, run.Id, new WorkerId(run.Owner), reason, now, until, level, spends);
        session.Steps.Due(until);
    }
}
