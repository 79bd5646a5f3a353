using Simmer.AfterResponse;
using Simmer.Diagnostics;
using Simmer.Execution;
using Simmer.Storage;

namespace Simmer.Hosting;

/// <summary>How this process leaves: nothing new, drain until the host's deadline, then stop what runs, spill, give back, deregister; the flusher last.</summary>
internal sealed class Shutdown(SimmerNode node)
{
    /// <summary>The web server may have used up the shared deadline: what must be written gets a time of its own.</summary>
    private static readonly TimeSpan s_own = TimeSpan.FromSeconds(2);

    private readonly EngineContext _engine = node.Engine;

    public void StopTaking()
    {
        if (node.Durable is not { } lane)
        {
            return;
        }

        lane.Runner.Stop();
        var ahead = lane.Runner.TakeAllAhead();
        lane.GiveBack(ahead);
        _engine.Logger.Stopping(lane.Table.Count, ahead.Count);
    }

    public async Task DrainAsync(CancellationToken deadline)
    {
        StopTaking();
        try
        {
            await Task.WhenAll(DurableDrained(), MemoryDrained(deadline)).WaitAsync(deadline);
        }
        catch (OperationCanceledException)
        {
            await StopRunningAsync();
        }
    }

    public async Task FinishAsync()
    {
        await Step("spill", SpillAsync);
        foreach (var lane in node.Lanes)
        {
            await Step("stop the loops", lane.StopLoopsAsync);
            await Step("flush", () => lane.Commit.WhenIdle().WaitAsync(s_own, _engine.Time));
            lane.Leases?.StopDeadline();
            await Step("deregister", () => lane.DeregisterAsync().WaitAsync(s_own, _engine.Time));
        }
    }

    private async Task DurableDrained()
    {
        if (node.Durable is { } lane)
        {
            await lane.Table.WhenEmpty();
            await lane.Commit.WhenIdle();
        }
    }

    // Ready jobs in memory are run to the end; those that wait for a time are spilled.
    private async Task MemoryDrained(CancellationToken deadline)
    {
        var lane = node.Memory;
        do
        {
            await lane.Commit.WhenIdle().WaitAsync(deadline);
            await lane.Table.WhenEmpty().WaitAsync(deadline);
            await lane.Commit.WhenIdle().WaitAsync(deadline);
        }
        while (lane.Table.Count > 0 || (node.MemoryStore.ReadyNow() > 0 && lane.Runner.Lines.Count > 0));
    }

    private async Task StopRunningAsync()
    {
        node.Memory.Runner.Stop();
        node.Memory.GiveBack(node.Memory.Runner.TakeAllAhead());
        var running = node.Lanes.Sum(static l => l.Table.Count);
        _engine.Logger.ShutdownDeadline(running);
        foreach (var lane in node.Lanes)
        {
            lane.Runner.StopAll(StopReason.Shutdown);
        }

        try
        {
            await Task.WhenAll(node.Lanes.Select(static l => l.Table.WhenEmpty())).WaitAsync(s_own, _engine.Time);
        }
        catch (TimeoutException)
        {
            _engine.Logger.LeftBehind(node.Lanes.Sum(static l => l.Table.Count));
        }
    }

    /// <summary>Typed jobs go into the durable store, if there is one; the rest is told by name and count.</summary>
    private async Task SpillAsync()
    {
        node.Memory.Runner.Stop();
        await node.Memory.Commit.WhenIdle().WaitAsync(s_own, _engine.Time);
        var left = node.MemoryStore.TakeUnfinished();
        var spilled = node.Durable is { } durable ? await SpillAsync(durable, left) : 0;
        var lost = left.Where(job => spilled == 0 || !CanSpill(job.Job)).Select(static j => j.Job).ToList();
        if (lost.Count > 0)
        {
            _engine.Logger.LostAtShutdown(lost.Count, string.Join(", ", lost.SelectMany(NamesOf).CountBy(static n => n).Select(static n => $"{n.Key} × {n.Value}")));
        }
    }

    private async Task<int> SpillAsync(StoreLane durable, List<(JobDraft Job, DateTimeOffset? DueAt)> left)
    {
        var drafts = left.Where(job => CanSpill(job.Job)).Select(job => Durable(job.Job, job.DueAt)).ToList();
        if (drafts.Count == 0)
        {
            return 0;
        }

        var call = new ManyEnqueue(drafts);
        durable.Commit.Enqueue(call);
        _ = await call.Task.WaitAsync(s_own, _engine.Time);
        _engine.Logger.Spilled(drafts.Count);
        return drafts.Count;
    }

    private bool CanSpill(JobDraft job) => _engine.Catalog.Find(job.Kind) is { IsLocalOnly: false };

    private JobDraft Durable(JobDraft job, DateTimeOffset? dueAt) => new()
    {
        Id = job.Id,
        IdGiven = job.IdGiven,
        Kind = job.Kind,
        Queue = job.Queue,
        Payload = _engine.Catalog.Find(job.Kind)!.Write(job.Item!),
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

    private async Task Step(string name, Func<Task> step)
    {
        try
        {
            await step();
        }
        catch (Exception e)
        {
            // The rest of the shutdown is still worth doing.
            _engine.Logger.ShutdownStepFailed(e, name);
        }
    }
}
