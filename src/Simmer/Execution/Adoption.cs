using Simmer.Context;
using Simmer.Diagnostics;
using Simmer.Execution.Intake;
using Simmer.Storage;

namespace Simmer.Execution;

/// <summary>Finds the jobs that the store has given to this worker and that nobody here knows of, because the answer that brought them was
/// lost.</summary>
internal sealed class Adoption(
    EngineContext context, IJobStore store, WorkerRegistration registration, QueueRunner runner, AheadClaims ahead, JobTable table,
    FlushIntake intake)
{
    private static readonly TimeSpan s_moment = TimeSpan.FromMilliseconds(1);

    /// <summary>After a lost answer: runs what the store says is ours and memory does not know. What cannot be read goes back: the next
    /// claim sets it aside with the reason.</summary>
    public async Task AdoptAsync()
    {
        var worker = await registration.GetAsync();
        var unknown = (await ClaimsOfAsync(worker)).Where(token => !IsKnown(token));
        if (!unknown.IsEmpty)
        {
            // A job that waited ahead is in no place while it moves on: run again, it would run twice. Look once more when all have
            // arrived.
            while (ahead.IsAnyLeaving)
            {
                await Task.Delay(s_moment, context.Time);
            }

            unknown = unknown.Where(token => !IsKnown(token));
        }

        if (!unknown.IsEmpty)
        {
            // One that its handler's own transaction completed has left since, and no flush of ours knows of it: what is lost is still
            // there.
            var owned = await ClaimsOfAsync(worker);
            unknown = unknown.Where(owned.Holds);
        }

        if (unknown.Claims.Count > 0)
        {
            context.Logger.Adopted(store.Name, unknown.Claims.Count);
            runner.DeliverAll(unknown.Claims, worker);
        }

        foreach (var token in unknown.Unreadable)
        {
            intake.GiveBack(token);
        }
    }

    /// <summary>What a worker owns. The answer may be long on its way: nothing, if the worker was declared dead meanwhile.</summary>
    private async ValueTask<OwnedJobs> ClaimsOfAsync(WorkerId worker)
    {
        var owned = await store.ClaimsOfAsync(worker, CancellationToken.None);
        return registration.Current == worker ? owned : OwnedJobs.None;
    }

    // In the order in which a job moves: one that is missed in the first place is found in the second.
    private bool IsKnown(LeaseToken token) => ahead.Holds(token) || table.Find(token) is not null || intake.IsPending(token);
}
