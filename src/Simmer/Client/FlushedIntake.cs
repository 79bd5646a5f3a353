using Simmer.Engine;
using Simmer.Enqueue;
using Simmer.Jobs;
using Simmer.Storage;

namespace Simmer.Client;

/// <summary>Hands drafts to the engine of their store, whose next flush stores them; the answer comes after the commit.</summary>
internal sealed class FlushedIntake : IEnqueueIntake
{
    public bool IsUncommitted => false;

    public void Check() => AmbientTransaction.Refuse();

    public ValueTask<EnqueueReport> StoreAsync(JobDraft draft, CancellationToken cancellationToken)
    {
        Enter(draft.Route!, 1);
        var call = new SingleEnqueue(draft);
        draft.Engine().Intake.Enqueue(call);
        return cancellationToken.CanBeCanceled ? Waited(call, call.Task, cancellationToken) : call.Answer;
    }

    public ValueTask<IReadOnlyList<EnqueueReport>> StoreAsync(StoreEngine engine, IReadOnlyList<JobDraft> drafts,
        CancellationToken cancellationToken)
    {
        EnterAll(drafts);
        var call = new ManyEnqueue(drafts);
        engine.Intake.Enqueue(call);
        return Waited(call, call.Task, cancellationToken);
    }

    public ValueTask<WorkflowReport> StoreAsync(StoreEngine engine, WorkflowDraft draft, CancellationToken cancellationToken)
    {
        EnterAll(draft.Steps);
        var call = new WorkflowEnqueue(draft);
        engine.Intake.Enqueue(call);
        return Waited(call, call.Task, cancellationToken);
    }

    /// <summary>Takes places for all or for none: what was taken before a full queue is met goes back.</summary>
    private static void EnterAll(IReadOnlyList<JobDraft> drafts)
    {
        List<(JobRoute Route, int Count)>? entered = null;
        foreach (var run in DraftRoutes.Of(drafts))
        {
            try
            {
                Enter(run.Route, run.Count);
                (entered ??= []).Add(run);
            }
            catch (QueueFullException)
            {
                entered?.ForEach(static e => e.Route.Leave(e.Count));
                throw;
            }
        }
    }

    private static void Enter(JobRoute route, int count)
    {
        if (!route.TryEnter(count))
        {
            throw new QueueFullException(route.Queue, route.LocalOptions!.Capacity);
        }
    }

    private static async ValueTask<T> Waited<T>(EnqueueCall call, Task<T> answer, CancellationToken cancellationToken)
    {
        try
        {
            return await answer.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException e) when (e.CancellationToken == cancellationToken)
        {
            throw new OperationCanceledException(
                $"The caller stopped waiting before it was known whether {call.What} was stored: it may have been, and may run. "
                + $"{call.HowToRepeat}", e, cancellationToken);
        }
    }
}
