using Simmer.Context;
using Simmer.Enqueue;
using Simmer.Execution.Intake;
using Simmer.Storage;

namespace Simmer.Execution.Flushing;

/// <summary>Takes out of an answered batch the operations that the store has left out, because another transaction has locked what they
/// need. They are sent by flushes of their own, so that all other operations need not wait for them.</summary>
/// <param name="context">What the engine's parts share.</param>
/// <param name="storeName">The store, for messages.</param>
/// <param name="main">What waits for the flushes of everybody.</param>
/// <param name="apart">What waits for the flushes of blocked operations.</param>
/// <param name="overdue">Whose time is over.</param>
/// <param name="isApart">Whether the batches are those of blocked operations.</param>
internal sealed class BlockedCalls(
    EngineContext context, string storeName, FlushIntake main, FlushIntake apart, OverdueCalls overdue, bool isApart)
{
    /// <summary>The pause before an operation that is still blocked is sent again.</summary>
    private static readonly TimeSpan s_rest = TimeSpan.FromMilliseconds(250);

    /// <summary>Hands what is blocked to the flushes of blocked operations, at once, or, if it comes from them, after a rest.</summary>
    public async Task MoveApartAsync(FlushBatch batch, BlockedOperations blocked)
    {
        if (blocked.IsEmpty)
        {
            return;
        }

        var (calls, late) = CallsOf(batch, blocked);
        var settlements = blocked.Settlements.Select(i => batch.Settlements[i]).ToList();
        var giveBacks = blocked.GiveBacks.Select(i => batch.GiveBacks[i]).ToList();
        (isApart ? apart : main).ForgetCalls(batch);
        foreach (var call in late)
        {
            call.Leave();
            call.Fail(new StoreException(
                $"Another transaction has held what this enqueue needs in store '{storeName}' (its unique key, its id or its "
                    + $"workflow) for {context.Options.EnqueueTimeout} (EnqueueTimeout); the job is not stored. " +
                "Look for a transaction that is kept open.", isTransient: true));
        }

        if (calls.Count + settlements.Count + giveBacks.Count == 0)
        {
            return;
        }

        if (isApart)
        {
            await Task.Delay(s_rest, context.Time);
        }

        // Noted first: at every moment the end of a run is known to be on its way.
        main.NoteApart(settlements, giveBacks);
        apart.TakeBlocked(calls, settlements, giveBacks);
    }

    /// <summary>What was sent apart has been answered, but for what is still blocked.</summary>
    public void Answered(FlushBatch batch, BlockedOperations blocked)
    {
        if (isApart)
        {
            main.NoteAnsweredApart(batch, blocked);
        }
    }

    private (List<EnqueueCall> Calls, List<EnqueueCall> Late) CallsOf(FlushBatch batch, BlockedOperations blocked)
    {
        var calls = new List<EnqueueCall>();
        var late = new List<EnqueueCall>();
        var (from, workflow) = (0, 0);
        foreach (var call in batch.Calls)
        {
            var isBlocked = call.Workflow is not null ? blocked.Workflows.Contains(workflow++) : blocked.Enqueues.Contains(from);
            from += call.Workflow is not null ? 0 : call.Count;
            if (isBlocked)
            {
                (overdue.IsOverdue(call) ? late : calls).Add(call);
            }
        }

        return (calls, late);
    }
}
