using Simmer.Storage;

namespace Simmer.Postgres;

/// <summary>What ended steps say to their children in the present transaction: the rows concerned are fetched together, decided on here,
/// and written together.</summary>
/// <remarks>Every workflow in it is locked by its own row first, in the order of the ids, by a statement of its own: deciding by looking at
/// the parents without that is write skew.</remarks>
internal sealed partial class WorkflowChanges
{
    private readonly Dictionary<JobId, StepRow?> _steps = [];
    private readonly Dictionary<(WorkflowId, int), GateRow?> _gates = [];
    private readonly Dictionary<WorkflowId, EndRow?> _ends = [];
    private readonly HashSet<string> _queues = new(StringComparer.Ordinal);
    private readonly HashSet<int> _queueNumbers = [];
    private readonly List<(int Queue, int Rank, long Seq)> _readyRows = [];
    private readonly List<JobId> _changedSteps = [];
    private readonly HashSet<WorkflowId> _changedWorkflows = [];
    private DateTimeOffset? _nextDue;

    public StepLedger Ledger { get; private set; } = new();

    /// <summary>The queues that have ready jobs because of this transaction, by number.</summary>
    public IReadOnlyCollection<int> ReadyQueues => _queueNumbers;

    /// <summary>A job went back to its old place in its queue.</summary>
    public void BackAtOldPlace(int queue, int rank, long seq, bool suspect)
    {
        _ = _queueNumbers.Add(queue);
        if (!suspect)
        {
            _readyRows.Add((queue, rank, seq));
        }
    }

    /// <summary>A new job of a queue is ready.</summary>
    public void Ready(string queue, int number)
    {
        _ = _queues.Add(queue);
        _ = _queueNumbers.Add(number);
    }

    public void Due(DateTimeOffset at) => _nextDue = _nextDue < at ? _nextDue : at;

    /// <summary>Lets the next claims begin at the rows that have come back. Before the claims of this transaction, and once more after its
    /// commit: another transaction may have claimed meanwhile.</summary>
    public void Lower(LowWater lowWater)
    {
        foreach (var (queue, rank, seq) in _readyRows)
        {
            lowWater.Ready(queue, rank, seq);
        }
    }

    /// <summary>Takes over what followed in a second transaction.</summary>
    public void Join(WorkflowChanges other)
    {
        _queues.UnionWith(other._queues);
        _changedSteps.AddRange(other._changedSteps);
        _changedWorkflows.UnionWith(other._changedWorkflows);
        if (other._nextDue is { } due)
        {
            Due(due);
        }
    }

    /// <summary>What has followed.</summary>
    /// <param name="ahead">How far the server's clock is ahead of that of whoever asks.</param>
    public ReleaseReport Report(TimeSpan ahead) => _queues.Count + _changedSteps.Count + _changedWorkflows.Count == 0 && _nextDue is null
        ? ReleaseReport.Nothing
        : new ReleaseReport { Queues = [.. _queues], Steps = [.. _changedSteps], Workflows = [.. _changedWorkflows],
            NextDue = PostgresJobStore.ByCaller(_nextDue, ahead) };

    /// <summary>The part of the transaction in which this came up was undone. What was noted for the report stays: at worst somebody looks
    /// for nothing.</summary>
    public void Forget()
    {
        Ledger = new StepLedger();
        _steps.Clear();
        _gates.Clear();
        _ends.Clear();
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
                Decide(id);
            }

            await TellAsync(session);
        }

        await WriteAsync(session, now);
        while (Ledger.TryTakeLost(out var workflow))
        {
            await TellLostAsync(session, workflow);
            await TellAsync(session);
            await WriteAsync(session, now);
        }
    }

    private async Task TellAsync(Session session)
    {
        while (!Ledger.IsEmpty)
        {
            await FetchAsync(session);
            while (!Ledger.IsEmpty && Ledger.Waiting.First() is var next && IsFetched(next.Workflow, next.Number))
            {
                _ = Ledger.TryTake(out var workflow, out var number, out var change);
                _ = _changedWorkflows.Add(workflow);
                Follow(workflow, number, change);
            }
        }
    }

    private bool IsFetched(WorkflowId workflow, int number) =>
        number == 0
            ? _ends.ContainsKey(workflow)
            : number < 0
            ? _gates.ContainsKey((workflow, number))
            : _steps.ContainsKey(workflow.Step(number));

    private void Follow(WorkflowId workflow, int number, StepTally change)
    {
        if (number == 0)
        {
            FollowEnd(workflow, change);
        }
        else if (number < 0)
        {
            FollowGate(workflow, number, change);
        }
        else if (_steps[workflow.Step(number)] is { } row)
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

        if (row.State != JobState.Waiting || row.Tally.Pending > 0)
        {
            return;
        }

        var runs = row.Tally.Runs(row.Step.Rule, row.Step.Role);
        if (row.Step.IsDamaged && !runs)
        {
            // It may be there for just this failure: it waits, with the reason, until an operator ends it. Else it is left to a claim,
            // which says why.
            return;
        }

        _changedSteps.Add(row.Id);
        if (runs)
        {
            // Ready or scheduled is decided when it is written.
            (row.State, row.IsReleased) = (JobState.Ready, true);
        }
        else
        {
            (row.State, row.IsEnded, row.IsSkipped) = (JobState.Skipped, true, true);
            Ledger.Ended(row.Step.Workflow, row.Step.Next, StepLedger.EndOf(JobState.Skipped, row.Tally));
        }
    }

    /// <summary>A child that is final already keeps count as well: its end counts only while all before it is final, and should it be run
    /// again, it must know how its parents stand by then.</summary>
    private void FollowEnded(StepRow row, StepTally before)
    {
        if (row.State == JobState.Skipped && row.Tally.Pending > 0)
        {
            // Something it had waited for runs again: it waits as well, and so do those that were skipped after it.
            Reopen(row);
            _changedSteps.Add(row.Id);
            Ledger.Reopened(row.Step.Workflow, row.Step.Next, before.SkippedEnd);
        }
        else
        {
            Ledger.Heard(row.Step.Workflow, row.Step.Next, StepLedger.EndOf(row.State, row.Tally), row.Branch, before, row.Tally);
        }
    }

    private static void Reopen(StepRow row)
    {
        if (row.IsSkipped)
        {
            // Skipped and opened again in one transaction: its row has not moved yet.
            row.IsSkipped = false;
        }
        else
        {
            row.IsReopened = true;
        }

        (row.State, row.IsEnded, row.IsDirty) = (JobState.Waiting, false, true);
    }

    private void FollowGate(WorkflowId workflow, int number, StepTally change)
    {
        if (_gates[(workflow, number)] is not { } gate)
        {
            return;
        }

        var before = gate.Tally;
        gate.Tally += change;
        gate.IsDirty = true;
        if (before.Pending == 0 && gate.Tally.Pending > 0)
        {
            Ledger.Reopened(workflow, gate.Next, before.End);
        }
        else if (before.Pending > 0 && gate.Tally.Pending == 0)
        {
            Ledger.Ended(workflow, gate.Next, gate.Tally.End);
        }
    }

    private void FollowEnd(WorkflowId workflow, StepTally change)
    {
        _ends[workflow]?.Add(change);
    }

    /// <summary>Steps that are to run again, taken out of the history: they wait, until it is known whether anything they waited for runs
    /// again as well.</summary>
    public void Rerun(EndedStep step)
    {
        if (step.Tally.Pending == 0)
        {
            Ledger.Reopened(step.Step.Workflow, step.Step.Next, StepLedger.EndOf(step.State, step.Tally), step.Branch);
        }

        var row = StepRow.Of(step);
        _steps[row.Id] = row;
        Reopen(row);
    }

    private void Decide(JobId id)
    {
        if (_steps[id] is not { State: JobState.Waiting, Tally.Pending: 0 } row)
        {
            return;
        }

        if (row.Tally.Runs(row.Step.Rule, row.Step.Role))
        {
            (row.State, row.IsReleased, row.IgnoresDelay) = (JobState.Ready, true, true);
        }
        else
        {
            // It was cancelled while it waited, and something before it has failed since.
            (row.State, row.IsEnded, row.IsSkipped) = (JobState.Skipped, true, true);
            Ledger.Ended(row.Step.Workflow, row.Step.Next, StepLedger.EndOf(JobState.Skipped, row.Tally));
        }
    }
}
