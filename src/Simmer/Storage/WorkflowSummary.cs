using System.Diagnostics.CodeAnalysis;

namespace Simmer.Storage;

/// <summary>Adds up a workflow's steps for a <see cref="WorkflowRecord"/>. What every store does alike.</summary>
[Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
public sealed class WorkflowSummary
{
    private readonly Dictionary<JobState, int> _counts = [];
    private double _done;
    private int _ordinary;

    /// <summary>How many steps are in each state that occurs.</summary>
    public IReadOnlyDictionary<JobState, int> Counts => _counts;

    /// <summary>The sum of the steps' versions. They only rise, so the sum shows whether anything has changed.</summary>
    public long Version { get; private set; }

    /// <summary>The progress of the ordinary steps, from 0 to 1. Undo, OnFailure and Finally steps do not count, because they may never
    /// run.</summary>
    public double Progress => _ordinary == 0 ? 1 : _done / _ordinary;

    /// <summary>Adds a step.</summary>
    /// <param name="state">Its state.</param>
    /// <param name="role">Its role.</param>
    /// <param name="version">Its job's version.</param>
    /// <param name="progress">Its job's progress.</param>
    public void Add(JobState state, StepRole role, long version, double? progress)
    {
        _counts[state] = _counts.GetValueOrDefault(state) + 1;
        Version += version;
        if (role == StepRole.Step)
        {
            _ordinary++;
            _done += state.IsFinal() ? 1 : state == JobState.Running ? Math.Clamp(progress ?? 0, 0, 1) : 0;
        }
    }
}
