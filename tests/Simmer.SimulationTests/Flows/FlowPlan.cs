namespace Simmer.SimulationTests.Flows;

/// <summary>A workflow as a client means it, and what operators did to it.</summary>
internal sealed class FlowPlan(int number)
{
    private IReadOnlyList<FlowStep>? _tail;

    public int Number => number;

    public WorkflowId Id { get; } = WorkflowId.OfStep(new JobId(new Guid(number, 0, 0, new byte[8])));

    /// <summary>Every step by its place, also those that would be added at run time.</summary>
    public List<FlowStep> Steps { get; } = [];

    /// <summary>The parts with an OnFailure or Finally step, inner ones before outer ones.</summary>
    public List<FlowScope> Scopes { get; } = [];

    public WorkflowElement Element { get; set; } = null!;

    /// <summary>Whether it is in the store.</summary>
    public bool IsThere { get; set; }

    /// <summary>Whether the enqueue was acknowledged.</summary>
    public bool Acknowledged { get; set; }

    public bool Deleted { get; private set; }

    /// <summary>An operator had steps of it run again.</summary>
    public bool Retried { get; set; }

    /// <summary>An operator did so although undo steps had started.</summary>
    public bool Forced { get; set; }

    public IEnumerable<FlowStep> Forward => Steps.Where(static s => s is { Role: StepRole.Step, IsThere: true });

    /// <summary>The undo, OnFailure and Finally steps, in the order in which they run.</summary>
    public IReadOnlyList<FlowStep> Tail => _tail ??=
    [
        .. Forward.Where(static s => s.Undo is not null).OrderByDescending(static s => s.Number).Select(static s => s.Undo!),
        .. Scopes.Where(static s => s.OnFailure is not null).Select(static s => s.OnFailure!),
        .. Scopes.Where(static s => s.Finally is not null).Select(static s => s.Finally!),
    ];

    /// <summary>Called when the workflow is gone. If it is enqueued again, it begins anew.</summary>
    public void Delete()
    {
        (IsThere, Deleted, Retried, Forced, _tail) = (false, true, false, false, null);
        foreach (var step in Steps)
        {
            (step.Number, step.Seen, step.SeenRun, step.CancelledWaiting) = (0, JobState.Unknown, 0, false);
            step.Story.Delete();
        }
    }
}
