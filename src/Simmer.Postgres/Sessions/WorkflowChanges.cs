using Simmer.Storage;
using Simmer.Storage.Decisions;

namespace Simmer.Postgres;

/// <summary>What ended steps say to their children in the present transaction: the rows concerned are fetched together
/// (<see cref="FollowedRows"/>), decided on here, and written together.</summary>
/// <remarks>Every workflow in it is locked by its own row first, in the order of the ids, by a statement of its own: deciding by looking at
/// the parents without that is write skew.</remarks>
internal sealed class WorkflowChanges
{
    private readonly FollowedRows _rows = new();
    private readonly ReadyWork _ready = new();
    private readonly List<JobId> _changedSteps = [];
    private readonly HashSet<WorkflowId> _changedWorkflows = [];

    public StepLedger Ledger { get; private set; } = new();

    /// <summary>The queues that have ready jobs because of this transaction, by number.</summary>
    public IReadOnlyCollection<int> ReadyQueues => _ready.Numbers;

    /// <inheritdoc cref="FollowedRows.Lock"/>
    public static void Lock(SqlBatch batch, IReadOnlyCollection<WorkflowId> workflows, Action<LockedWorkflow> each,
        bool skipLocked = false) => FollowedRows.Lock(batch, workflows, each, skipLocked);

    /// <summary>A job went back to its old place in its queue.</summary>
    public void BackAtOldPlace(int queue, int rank, long seq, bool suspect) => _ready.AtOldPlace(queue, rank, seq, suspect);

    /// <summary>A new job of a queue is ready.</summary>
    public void Ready(string queue, int number) => _ready.Add(queue, number);

    /// <summary>Something is due at a time.</summary>
    public void Due(DateTimeOffset at) => _ready.Due(at);

    /// <summary>Lets the next claims begin at the rows that have come back. Before the claims of this transaction, and once more after its
    /// commit: another transaction may have claimed meanwhile.</summary>
    public void Lower(LowWater lowWater) => _ready.Lower(lowWater);

    /// <summary>Takes over what followed in a second transaction.</summary>
    public void Join(WorkflowChanges other)
    {
        _ready.Join(other._ready);
        _changedSteps.AddRange(other._changedSteps);
        _changedWorkflows.UnionWith(other._changedWorkflows);
    }

    /// <summary>What has followed.</summary>
    /// <param name="ahead">How far the server's clock is ahead of the caller's.</param>
    public ReleaseReport Report(TimeSpan ahead) =>
        _ready.Queues.Count + _changedSteps.Count + _changedWorkflows.Count == 0 && _ready.NextDue is null
            ? ReleaseReport.Nothing
            : new ReleaseReport { Queues = [.. _ready.Queues], Steps = [.. _changedSteps], Workflows = [.. _changedWorkflows],
                NextDue = CallerTime.Of(_ready.NextDue, ahead) };

    /// <summary>The part of the transaction in which this came up was undone. What was noted for the report stays: at worst somebody looks
    /// for nothing.</summary>
    public void Forget()
    {
        Ledger = new StepLedger();
        _rows.Clear();
    }

    /// <summary>Tells the children of what has ended: they are released or skipped, and so are their own. Whatever the transaction has
    /// changed otherwise is written already.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="now">The present time.</param>
    /// <param name="rerun">Steps that <see cref="Rerun"/> has opened: once everything has followed it is known which of them wait for
    /// others that run again.</param>
    public async Task FollowAsync(Session session, DateTimeOffset now, IReadOnlyList<JobId>? rerun = null)
    {
        await TellAsync(session);
        if (rerun is not null)
        {
            foreach (var id in rerun)
            {
                FollowRerun(id);
            }

            await TellAsync(session);
        }

        await _rows.WriteAsync(session, _ready, now);
        while (Ledger.TryTakeLost(out var workflow))
        {
            var lost = await FollowedRows.FindLostAsync(session, workflow);
            Ledger.Ended(workflow, lost.Find(out var end), end);
            await TellAsync(session);
            await _rows.WriteAsync(session, _ready, now);
        }
    }

    /// <summary>Steps that are to run again, taken out of the history: they wait, until it is known whether anything they waited for runs
    /// again as well.</summary>
    public void Rerun(EndedStep step)
    {
        if (FollowDecision.Tells(step.Tally.Pending))
        {
            Ledger.Reopened(step.Step.Workflow, step.Step.Next, StepLedger.EndOf(step.State, step.Tally), step.Branch);
        }

        var row = StepRow.Of(step);
        _rows.Put(row);
        row.Reopen();
    }

    private async Task TellAsync(Session session)
    {
        while (!Ledger.IsEmpty)
        {
            await _rows.FetchAsync(session, Ledger);
            while (!Ledger.IsEmpty && Ledger.Waiting.First() is var next && _rows.IsFetched(next.Workflow, next.Number))
            {
                _ = Ledger.TryTake(out var workflow, out var number, out var change);
                _ = _changedWorkflows.Add(workflow);
                Follow(workflow, number, change);
            }
        }
    }

    private void Follow(WorkflowId workflow, int number, StepTally change)
    {
        if (number == 0)
        {
            _rows.End(workflow)?.Add(change);
        }
        else if (number < 0)
        {
            FollowGate(workflow, number, change);
        }
        else if (_rows.Step(workflow.Step(number)) is { } row)
        {
            FollowStep(row, change);
        }
    }

    private void FollowStep(StepRow row, StepTally change)
    {
        var before = row.Tally;
        row.Tally += change;
        row.IsDirty = true;
        if (row.IsEnded)
        {
            FollowEnded(row, before);
            return;
        }

        switch (FollowDecision.ForWaiting(row.State, row.Tally, row.Step))
        {
            case StepMove.Released:
                _changedSteps.Add(row.Id);
                row.Release();
                break;
            case StepMove.Skipped:
                _changedSteps.Add(row.Id);
                Skip(row);
                break;
            default:
                break;
        }
    }

    private void FollowEnded(StepRow row, StepTally before)
    {
        if (FollowDecision.ForEnded(row.State, row.Tally) == StepMove.Reopened)
        {
            row.Reopen();
            _changedSteps.Add(row.Id);
            Ledger.Reopened(row.Step.Workflow, row.Step.Next, before.SkippedEnd);
        }
        else
        {
            Ledger.Heard(row.Step.Workflow, row.Step.Next, StepLedger.EndOf(row.State, row.Tally), row.Branch, before, row.Tally);
        }
    }

    private void FollowGate(WorkflowId workflow, int number, StepTally change)
    {
        if (_rows.Gate(workflow, number) is not { } gate)
        {
            return;
        }

        var before = gate.Tally;
        gate.Tally += change;
        gate.IsDirty = true;
        switch (FollowDecision.ForGate(before, gate.Tally))
        {
            case FollowTurn.Reopened:
                Ledger.Reopened(workflow, gate.Next, before.End);
                break;
            case FollowTurn.Ended:
                Ledger.Ended(workflow, gate.Next, gate.Tally.End);
                break;
            default:
                break;
        }
    }

    private void FollowRerun(JobId id)
    {
        if (_rows.Step(id) is not { } row)
        {
            return;
        }

        switch (RetryDecision.AfterFollowing(row.State, row.Tally, row.Step))
        {
            case StepMove.Released:
                row.Release();
                row.IgnoresDelay = true;
                break;
            case StepMove.Skipped:
                Skip(row);
                break;
            default:
                break;
        }
    }

    private void Skip(StepRow row)
    {
        row.Skip();
        Ledger.Ended(row.Step.Workflow, row.Step.Next, StepLedger.EndOf(JobState.Skipped, row.Tally));
    }
}
