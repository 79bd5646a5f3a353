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

    /// <summary>Called after a lost answer. Runs the jobs that the store says are this worker's and that it does not know of. Jobs that
    /// cannot be read go back; the next claim sets them aside with the reason.</summary>
    public async Task AdoptAsync()
    {
        var worker = await registration.GetAsync();
        var unknown = (await ClaimsOfAsync(worker)).Where(token => !IsKnown(token));
        if (!unknown.IsEmpty)
        {
            // A job that waited ahead is in neither place while it moves on. If it were taken for unknown then, it would run twice. So the
            // store is asked again when all have arrived.
            while (ahead.IsAnyLeaving)
            {
                await Task.Delay(s_moment, context.Time);
            }

            unknown = unknown.Where(token => !IsKnown(token));
        }

        if (!unknown.IsEmpty)
        {
            // A job that its handler's own transaction has completed has left since, without a flush. What is really lost is still there.
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

    /// <summary>The jobs that a worker owns. The answer may take long; nothing if the worker was declared dead meanwhile.</summary>
    private async ValueTask<OwnedJobs> ClaimsOfAsync(WorkerId worker)
    {
        var owned = await store.ClaimsOfAsync(worker, CancellationToken.None);
        return registration.Current == worker ? owned : OwnedJobs.None;
    }

    // In the order in which a job moves: one that is missed in the first place is found in the second.
    private bool IsKnown(LeaseToken token) => ahead.Holds(token) || table.Find(token) is not null || intake.IsPending(token);
}
