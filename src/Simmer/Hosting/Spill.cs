using Simmer.AfterResponse;
using Simmer.Diagnostics;
using Simmer.Execution;
using Simmer.Storage;

namespace Simmer.Hosting;

/// <summary>At the end of a process: typed jobs that wait in memory go into the durable store, if there is one; the rest is told by name and count.</summary>
internal sealed class Spill(SimmerNode node, TimeSpan patience)
{
    private readonly EngineContext _engine = node.Engine;

    public async Task RunAsync()
    {
        var memory = node.Memory;
        memory.Runner.Stop();

        // From here on a job in memory would wait for a process that is gone: the caller is told instead.
        memory.Commit.Close();
        await memory.Commit.WhenIdle().WaitAsync(patience, _engine.Time);
        var left = node.MemoryStore.TakeUnfinished();
        var lost = node.Durable is { } durable ? await StoreAsync(durable, left) : [.. left.Select(static j => j.Job)];
        if (lost.Count > 0)
        {
            _engine.Logger.LostAtShutdown(lost.Count, string.Join(", ", lost.SelectMany(NamesOf).CountBy(static n => n).Select(static n => $"{n.Key} × {n.Value}")));
        }
    }

    /// <summary>Each on its own: one that is refused keeps no other from being saved.</summary>
    /// <returns>Those that could not be stored.</returns>
    private async Task<List<JobDraft>> StoreAsync(StoreLane durable, List<(JobDraft Job, DateTimeOffset? DueAt)> left)
    {
        var calls = left.Select(job => (job.Job, Call: Hand(durable, job.Job, job.DueAt))).ToList();
        try
        {
            await Task.WhenAll(calls.Select(static c => c.Call?.Task ?? Task.CompletedTask)).WaitAsync(patience, _engine.Time);
        }
        catch (Exception e)
        {
            _engine.Logger.ShutdownStepFailed(e, "spill");
        }

        var lost = calls.Where(static c => c.Call is not { Task: { IsCompletedSuccessfully: true, Result.Status: not EnqueueStatus.Refused } }).Select(static c => c.Job).ToList();
        if (calls.Count > lost.Count)
        {
            _engine.Logger.Spilled(calls.Count - lost.Count);
        }

        return lost;
    }

    /// <summary>Null: a delegate, or a record that cannot be written.</summary>
    private SingleEnqueue? Hand(StoreLane durable, JobDraft job, DateTimeOffset? dueAt)
    {
        if (_engine.Catalog.Find(job.Kind) is not { IsLocalOnly: false } kind)
        {
            return null;
        }

        try
        {
            var call = new SingleEnqueue(Durable(job, kind.Write(job.Item!), dueAt));
            durable.Commit.Enqueue(call);
            return call;
        }
        catch (Exception e)
        {
            _engine.Logger.ShutdownStepFailed(e, "spill");
            return null;
        }
    }

    private static JobDraft Durable(JobDraft job, ReadOnlyMemory<byte> payload, DateTimeOffset? dueAt) => new()
    {
        Id = job.Id,
        IdGiven = job.IdGiven,
        Kind = job.Kind,
        Queue = job.Queue,
        Payload = payload,
        Priority = job.Priority,
        DueAt = dueAt,
        ExpiresAt = job.ExpiresAt,
        UniqueKey = job.UniqueKey,
        UniqueWhile = job.UniqueWhile,
        Tags = job.Tags,
        MaxAttempts = job.MaxAttempts,
        TimeLimit = job.TimeLimit,
        TraceParent = job.TraceParent,
        TraceState = job.TraceState,
    };

    private static IEnumerable<string> NamesOf(JobDraft job) => job.Item is AfterResponseBatch batch ? batch.Names : [job.Kind];
}
