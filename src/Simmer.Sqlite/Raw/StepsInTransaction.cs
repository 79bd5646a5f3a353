using Simmer.Storage;

namespace Simmer.Sqlite;

/// <summary>What ended steps tell their children in the present transaction, and what followed from it.</summary>
internal sealed class StepsInTransaction
{
    private HashSet<string> _queues = new(StringComparer.Ordinal);
    private List<JobId> _steps = [];
    private HashSet<WorkflowId> _workflows = [];
    private DateTimeOffset? _nextDue;

    public StepLedger Ledger { get; private set; } = new();

    public void Ready(string queue) => _queues.Add(queue);

    public void Due(DateTimeOffset at) => _nextDue = _nextDue < at ? _nextDue : at;

    public void Changed(JobId step) => _steps.Add(step);

    public void Changed(WorkflowId workflow) => _workflows.Add(workflow);

    /// <summary>What has followed since the last time.</summary>
    public ReleaseReport Take()
    {
        if (_queues.Count + _steps.Count + _workflows.Count == 0 && _nextDue is null)
        {
            return ReleaseReport.Nothing;
        }

        var report = new ReleaseReport { Queues = _queues, Steps = _steps, Workflows = _workflows, NextDue = _nextDue };
        (_queues, _steps, _workflows, _nextDue) = (new(StringComparer.Ordinal), [], [], null);
        return report;
    }

    /// <summary>To be called when the transaction, or the part of it in which this came up, was undone. What was noted for the report
    /// stays: at worst somebody looks for work that is not there.</summary>
    public void Forget()
    {
        if (!Ledger.IsEmpty || Ledger.HasLost)
        {
            Ledger = new StepLedger();
        }
    }
}
