using Simmer.Context;
using Simmer.Diagnostics;
using Simmer.Jobs;
using Simmer.Runtime;

namespace Simmer.Hosting;

/// <summary>Shuts this process down: starts nothing new, waits for running jobs until the host's deadline, then stops them, spills, gives
/// back and deregisters; the flusher ends last.</summary>
internal sealed class Shutdown(SimmerNode node)
{
    /// <summary>The time of its own in which the last writes must be done, because the web server may have used up the shared
    /// deadline.</summary>
    private static readonly TimeSpan s_own = TimeSpan.FromSeconds(2);

    private readonly EngineContext _context = node.Context;

    private readonly CancellationTokenSource _hurry = new();
    private bool _told;

    public void StopTaking()
    {
        // Asked for twice: before and after the web server stops.
        if (node.Durable is not { } engine || _told)
        {
            return;
        }

        _told = true;

        engine.Runner.Stop();
        var ahead = engine.GiveBackAhead();
        _context.Logger.Stopping(engine.Table.Count, ahead);
    }

    /// <summary>Ends all waits, as if the deadline had come.</summary>
    public void Hurry() => _hurry.Cancel();

    public async Task DrainAsync(CancellationToken deadline)
    {
        CallerContext.Leave();
        StopTaking();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(deadline, _hurry.Token);
        try
        {
            await Task.WhenAll(DurableDrained(), MemoryDrained(end.Token)).WaitAsync(end.Token);
        }
        catch (OperationCanceledException)
        {
            await StopRunningAsync();
        }
    }

    public async Task FinishAsync()
    {
        await Step("spill", new Spill(node, s_own).RunAsync);
        foreach (var engine in node.Engines.All)
        {
            await Step("stop the loops", () => engine.StopLoopsAsync().WaitAsync(s_own, _context.Time));
            engine.Intake.SendRefusedAgain();
            await Step("flush", () => engine.Flusher.WhenIdle().WaitAsync(s_own, _context.Time));
            engine.StopDeadline();
            await Step("deregister", () => engine.DeregisterAsync().WaitAsync(s_own, _context.Time));
        }
    }

    private async Task DurableDrained()
    {
        if (node.Durable is { } engine)
        {
            await engine.Table.WhenEmpty();
            await engine.Flusher.WhenIdle();
        }
    }

    // Ready jobs in memory run to the end. Those that wait for a time, or for a worker that can run them, are spilled. If the flusher has
    // rested while the table became empty, nothing is left that could start here: a step that ends wakes the flusher before it leaves the
    // table, and the next step is in the table before the flusher rests.
    private async Task MemoryDrained(CancellationToken deadline)
    {
        var engine = node.Memory;
        while (true)
        {
            await engine.Flusher.WhenIdle().WaitAsync(deadline);
            var rests = engine.Flusher.Rests;
            await engine.Table.WhenEmpty().WaitAsync(deadline);
            if (rests is not null && engine.Flusher.Rests == rests)
            {
                return;
            }
        }
    }

    private async Task StopRunningAsync()
    {
        node.AfterResponse.Stop();
        node.Memory.Runner.Stop();
        _ = node.Memory.GiveBackAhead();
        var running = node.Engines.All.Sum(static l => l.Table.Count);
        _context.Logger.ShutdownDeadline(running);
        foreach (var engine in node.Engines.All)
        {
            engine.Runner.StopAll(StopReason.Shutdown);
        }

        try
        {
            await Task.WhenAll(node.Engines.All.Select(static l => l.Table.WhenEmpty())).WaitAsync(s_own, _context.Time);
        }
        catch (TimeoutException)
        {
            var left = node.Engines.All.SelectMany(static l => l.Table.Snapshot()).ToList();
            _context.Logger.LeftBehind(left.Count,
                string.Join(", ", left.CountBy(static r => r.Claim.Job.Kind).Select(static n => $"{n.Key} × {n.Value}")));
        }
    }

    private async Task Step(string name, Func<Task> step)
    {
        try
        {
            await step();
        }
        catch (Exception e)
        {
            // The rest of the shutdown is still worth doing.
            _context.Logger.ShutdownStepFailed(e, name);
        }
    }
}
