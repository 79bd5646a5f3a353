using Simmer.SimulationTests.Audit;
using Simmer.SimulationTests.Faults;

namespace Simmer.SimulationTests.Fleet;

/// <summary>The handler of every <see cref="Piece"/> in one process.</summary>
internal sealed class Script(SharedStore store, WorkerProcess worker)
{
    public async Task<JobResult> RunAsync(Piece piece, JobContext context, CancellationToken cancellationToken)
    {
        var run = worker.Lane.Table.Snapshot().Single(r => r.CancellationToken == cancellationToken).Claim.Run;
        var handler = store.Ledger.Started(worker.Process, context.Id, run, context.Attempt);
        try
        {
            var result = await PlayAsync(handler, context, cancellationToken);
            store.Ledger.Ended(handler, Leaving.Returned);
            return result;
        }
        catch (OperationCanceledException)
        {
            store.Ledger.Ended(handler, Leaving.Obeyed);
            throw;
        }
        catch
        {
            store.Ledger.Ended(handler, Leaving.Threw);
            throw;
        }
    }

    public async Task RunAsync(Note note, JobContext context, CancellationToken cancellationToken)
    {
        store.World.Trace.Add($"{worker.Process.Name} runs note {note.Number} attempt {context.Attempt}");
        await Rest(0.001, note.Number % 5, cancellationToken);
        if (note.Number % 3 == context.Attempt)
        {
            throw new InvalidOperationException("once");
        }
    }

    private async Task<JobResult> PlayAsync(HandlerRun handler, JobContext context, CancellationToken cancellationToken)
    {
        switch (handler.Act)
        {
            case Act.SucceedAtOnce:
                break;
            case Act.ThrowAtOnce:
                throw new InvalidOperationException("at once");
            case Act.Kill:
                worker.Crash();
                await Task.Delay(Timeout.InfiniteTimeSpan, worker.Process.Time, cancellationToken);
                break;
            case Act.Ignore:
                await Rest(0.1, 40, CancellationToken.None);
                break;
            case Act.Overrun:
                await Task.Delay(handler.Story.TimeLimit * 1.5, worker.Process.Time, cancellationToken);
                break;
            case Act.Long:
                await ReportingAsync(context, cancellationToken);
                break;
            default:
                await Rest(0.001, 0.5, cancellationToken);
                break;
        }

        return Answer(handler.Act);
    }

    private JobResult Answer(Act act) => act switch
    {
        Act.Throw => throw new InvalidOperationException("after a while"),
        Act.Retry => JobResult.RetryIn(store.World.Between(0, 3), "again"),
        Act.Snooze => JobResult.Snooze(store.World.Between(0.1, 5), "not yet"),
        Act.Fail => JobResult.Fail("no"),
        Act.Cancel => JobResult.Cancel("no more"),
        _ => JobResult.Success,
    };

    private async Task ReportingAsync(JobContext context, CancellationToken cancellationToken)
    {
        for (var part = 0; part < 4; part++)
        {
            context.Progress.Report(part / 4d);
            await Rest(0.02, 6, cancellationToken);
        }
    }

    private Task Rest(double fromSeconds, double toSeconds, CancellationToken cancellationToken) =>
        Task.Delay(store.World.Between(fromSeconds, toSeconds), worker.Process.Time, cancellationToken);
}
