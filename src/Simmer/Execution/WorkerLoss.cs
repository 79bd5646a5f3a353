using Simmer.Context;
using Simmer.Diagnostics;
using Simmer.Jobs;
using Simmer.Storage;

namespace Simmer.Execution;

/// <summary>What follows when the store has declared this worker dead: its jobs run elsewhere, or soon will. Its handlers are told to stop,
/// and it registers anew.</summary>
internal sealed class WorkerLoss(
    EngineContext context, string storeName, WorkerRegistration registration, QueueRunner runner, AheadClaims ahead, JobTable table)
{
    /// <summary>A worker was lost, and its handlers have been told.</summary>
    public event Action? Lost;

    /// <summary>Beat and flush both learn that a worker is gone.</summary>
    /// <param name="gone">The number it had: whoever learns second must not end the new registration, and what runs under it.</param>
    public void WorkerGone(WorkerId gone)
    {
        if (!registration.TryForget(gone))
        {
            return;
        }

        var waiting = ahead.TakeAll();
        ahead.Drop(waiting);
        var running = table.Count;
        runner.StopAll(StopReason.LeaseLost);
        runner.Resume();
        runner.MayHaveWork();
        Lost?.Invoke();

        // Logged last, because a log that stalls must not keep the handlers running.
        context.Logger.WorkerGone(storeName, running, waiting.Count);
    }
}
