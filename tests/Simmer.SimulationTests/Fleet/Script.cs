using Simmer.SimulationTests.Audit;
using Simmer.SimulationTests.Faults;
using Simmer.SimulationTests.Flows;

namespace Simmer.SimulationTests.Fleet;

/// <summary>The handlers of one process.</summary>
internal sealed class Script(SharedStore store, WorkerProcess worker)
{
    public Task<JobVerdict> RunAsync(Piece piece, JobContext context, CancellationToken cancellationToken) =>
        RunAsync(Started(context, cancellationToken), context, cancellationToken);

    public Task<JobVerdict<Parcel>> RunAsync(Errand job, JobContext context, CancellationToken cancellationToken) =>
        RunAsync(job.Flow, job.Place, null, context, cancellationToken);

    public Task<JobVerdict<Parcel>> RunAsync(Carry job, JobContext context, Parcel parcel, CancellationToken cancellationToken) =>
        RunAsync(job.Flow, job.Place, [parcel], context, cancellationToken);

    public Task<JobVerdict<Parcel>> RunAsync(Gather job, JobContext context, IReadOnlyList<Parcel> parcels,
        CancellationToken cancellationToken) =>
        RunAsync(job.Flow, job.Place, parcels, context, cancellationToken);

    private HandlerRun Started(JobContext context, CancellationToken cancellationToken)
    {
        var run = worker.Engine.Table.Snapshot().Single(r => r.CancellationToken == cancellationToken).Claim.Run;
        return store.Ledger.Started(worker.Process, context.Id, run, context.Attempt);
    }

    private async Task<JobVerdict<Parcel>> RunAsync(int flow, int place, IReadOnlyList<Parcel>? taken, JobContext context,
        CancellationToken cancellationToken)
    {
        var handler = Started(context, cancellationToken);
        var step = store.Ledger.Flows.Step(flow, place);
        store.Ledger.Flows.Started(step, handler, taken);

        // At every attempt, whatever becomes of it.
        AddSteps(step, context);
        var verdict = await RunAsync(handler, context, cancellationToken);
        return verdict.Kind != VerdictKind.Success ? verdict
            : step.Branch is { } branch ? JobVerdict.Branch(branch, new Parcel(place, handler.Run))
            : new Parcel(place, handler.Run);
    }

    private static void AddSteps(FlowStep adder, JobContext context)
    {
        var added = new Dictionary<FlowStep, Step>();
        foreach (var step in adder.Adds)
        {
            added[step] = context.AddStep(step.Label, step.Job, step.Options).On(step.Rule).After(step.Parents.Select(b => added[b.Step]));
        }
    }

    private async Task<JobVerdict> RunAsync(HandlerRun handler, JobContext context, CancellationToken cancellationToken)
    {
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

    private async Task<JobVerdict> PlayAsync(HandlerRun handler, JobContext context, CancellationToken cancellationToken)
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

    private JobVerdict Answer(Act act) => act switch
    {
        Act.Throw => throw new InvalidOperationException("after a while"),
        Act.Retry => JobVerdict.RetryIn(store.World.Between(0, 3), "again"),
        Act.Snooze => JobVerdict.Snooze(store.World.Between(0.1, 5), "not yet"),
        Act.Fail => JobVerdict.Fail("no"),
        Act.Cancel => JobVerdict.Cancel("no more"),
        _ => JobVerdict.Success,
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
