using Simmer.AfterResponse;
using Simmer.Context;
using Simmer.Diagnostics;
using Simmer.Engine;
using Simmer.Enqueue;
using Simmer.Storage;

namespace Simmer.Hosting;

/// <summary>Moves typed jobs that wait in memory into the durable store at the end of the process, if there is one. The others are logged
/// by name and count.</summary>
internal sealed class Spill(SimmerNode node, TimeSpan patience)
{
    private readonly EngineContext _context = node.Context;

    public async Task RunAsync()
    {
        var memory = node.Memory;
        memory.Runner.Stop();
        node.AfterResponse.Stop();

        // From here on a job in memory would wait for a process that is gone, so its enqueue is refused.
        memory.Flusher.Close();
        await memory.Flusher.WhenIdle().WaitAsync(patience, _context.Time);
        var typed = node.MemoryStore.TakeUnfinished();
        var inMemory = typed.Count;
        var lost = Opened(node.AfterResponse.TakeWaiting(), typed);
        lost.AddRange(node.Durable is { } durable ? await StoreAsync(durable, typed, inMemory) : typed.Select(static j => j.Job.Kind));
        lost.AddRange(node.MemoryStore.UnfinishedSteps());
        if (lost.Count > 0)
        {
            _context.Logger.LostAtShutdown(lost.Count,
                string.Join(", ", lost.CountBy(static n => n).Select(static n => $"{n.Key} × {n.Value}")));
        }
    }

    /// <summary>Adds the typed jobs of batches that have not started to those that a store could hold.</summary>
    /// <returns>The names of the delegates, which live in this process only.</returns>
    private List<string> Opened(List<AfterResponseBatch> batches,
        List<(JobDraft Job, DateTimeOffset? DueAt, DateTimeOffset? ExpiresAt)> typed)
    {
        var delegates = new List<string>();
        foreach (var batch in batches)
        {
            delegates.AddRange(batch.DelegateNames);
            foreach (var command in batch.Jobs)
            {
                try
                {
                    var draft = node.Drafts.Make(command.Job, command.Options, _context.Catalog.Of(command.Job));
                    typed.Add((draft, draft.DueFrom(_context.Now), draft.ExpiresFrom(_context.Now)));
                }
                catch (Exception e)
                {
                    delegates.Add(command.Job.GetType().Name);
                    _context.Logger.ShutdownStepFailed(e, "spill");
                }
            }
        }

        return delegates;
    }

    /// <summary>Each on its own: one that is refused keeps no other from being saved.</summary>
    /// <param name="durable">Where to.</param>
    /// <param name="typed">The jobs.</param>
    /// <param name="inMemory">How many of them, the first ones, were stored in memory; the others are stored for the first time.</param>
    /// <returns>The kinds of those that could not be stored.</returns>
    private async Task<IEnumerable<string>> StoreAsync(StoreEngine durable,
        List<(JobDraft Job, DateTimeOffset? DueAt, DateTimeOffset? ExpiresAt)> typed, int inMemory)
    {
        var calls = typed.Select((job, i) =>
            (job.Job.Kind, Call: Hand(durable, job.Job, job.DueAt, job.ExpiresAt, wasStored: i < inMemory))).ToList();
        try
        {
            await Task.WhenAll(calls.Select(static c => Answered(c.Call))).WaitAsync(patience, _context.Time);
        }
        catch (Exception e)
        {
            _context.Logger.ShutdownStepFailed(e, "spill");
        }

        var lost = calls.Where(static c =>
            c.Call is not { Task: { IsCompletedSuccessfully: true, Result.Status: not EnqueueStatus.Refused } }).Select(static c => c.Kind)
                .ToList();
        if (calls.Count > lost.Count)
        {
            _context.Logger.Spilled(calls.Count - lost.Count);
        }

        return lost;
    }

    // A method of its own, so that the wait stays on the engine's scheduler; see FlushIntake.WhenIdle.
    private static async Task Answered(SingleEnqueue? call)
    {
        if (call is not null)
        {
            await call.Answer;
        }
    }

    /// <summary>Null: a record that cannot be written.</summary>
    private SingleEnqueue? Hand(StoreEngine durable, JobDraft job, DateTimeOffset? dueAt, DateTimeOffset? expiresAt, bool wasStored)
    {
        try
        {
            var payload = job.Item is { } item ? _context.Catalog.Find(job.Kind)!.Write(item) : job.Payload;
            var written = job.Written(payload, dueAt, expiresAt, _context.Now);
            var call = wasStored ? new SpilledEnqueue(written) : new SingleEnqueue(written);
            durable.Intake.Enqueue(call);
            return call;
        }
        catch (Exception e)
        {
            _context.Logger.ShutdownStepFailed(e, "spill");
            return null;
        }
    }
}
