namespace Simmer.SimulationTests.Flows;

/// <summary>Evaluates the rules for the steps of a workflow as they were last seen: a plain recursion over the plan that counts
/// nothing.</summary>
internal sealed class FlowRules(FlowPlan flow)
{
    private readonly Dictionary<FlowStep, bool> _settled = [];
    private readonly Dictionary<FlowStep, How> _ends = [];

    /// <summary>How a step ended, for those after it.</summary>
    private enum How
    {
        Succeeded,

        /// <summary>Or was cancelled.</summary>
        Failed,

        /// <summary>Left out because something before it failed.</summary>
        Broken,

        /// <summary>Left out by a choice or a rule.</summary>
        LeftOut,
    }

    /// <summary>Whether a step is final, and everything before it.</summary>
    public bool IsSettled(FlowStep step)
    {
        if (!_settled.TryGetValue(step, out var settled))
        {
            _settled.Add(step, settled = step.Seen.IsFinal() && MayBeDecided(step));
        }

        return settled;
    }

    /// <summary>Whether everything before it is final.</summary>
    public bool MayBeDecided(FlowStep step) => WaitsFor(step).All(b => IsSettled(b.Step));

    /// <summary>Whether a step is to run, once it may be decided.</summary>
    public bool Runs(FlowStep step) => step.Role switch
    {
        StepRole.Undo => step.Target!.Seen == JobState.Succeeded && flow.Forward.Any(WentWrong),
        StepRole.OnFailure => In(step.Scope!).Any(s => EndOf(s) == How.Failed),
        StepRole.Finally => true,
        _ => step.Rule switch
        {
            StepRule.AllSucceeded => WaitsFor(step).All(b => As(b) == How.Succeeded),
            StepRule.AnyFailed => WaitsFor(step).Any(b => As(b) == How.Failed),
            StepRule.NoneFailed => WaitsFor(step).All(b => As(b) is How.Succeeded or How.LeftOut),
            _ => true,
        },
    };

    /// <summary>Whom a step waits for: those it was planned after, and what these added.</summary>
    public IEnumerable<Before> WaitsFor(FlowStep step) => step.Role == StepRole.Step
        ? step.Parents.SelectMany(Planned)
        : (step.Role == StepRole.Undo ? flow.Forward : In(step.Scope!)).Concat(flow.Tail.TakeWhile(s => s != step))
            .Select(static s => new Before(s, []));

    /// <summary>The steps of a part of the workflow that are there.</summary>
    public IEnumerable<FlowStep> In(FlowScope scope) => scope.Steps.SelectMany(static s => AddedBy(s).Prepend(s));

    /// <summary>The steps that a step has added, and those that these have added.</summary>
    public static IEnumerable<FlowStep> AddedBy(FlowStep step) =>
        step.Adds.Where(static s => s.IsThere).OrderBy(static s => s.Number).SelectMany(static s => AddedBy(s).Prepend(s));

    public static bool Counts(Before before) =>
        before.Labels.Count == 0 || (before.Step.Branch is { } branch && before.Labels.Contains(branch));

    private static IEnumerable<Before> Planned(Before before) =>
        Counts(before) ? AddedBy(before.Step).Select(static s => new Before(s, [])).Prepend(before) : [before];

    private How As(Before before) => EndOf(before.Step) is var how && how == How.Succeeded && !Counts(before) ? How.LeftOut : how;

    private bool WentWrong(FlowStep step) => EndOf(step) is How.Failed or How.Broken;

    private How EndOf(FlowStep step)
    {
        if (!_ends.TryGetValue(step, out var end))
        {
            _ends.Add(step, end = step.Seen switch
            {
                JobState.Succeeded => How.Succeeded,
                JobState.Skipped => WaitsFor(step).Any(b => As(b) is How.Failed or How.Broken) ? How.Broken : How.LeftOut,
                _ => How.Failed,
            });
        }

        return end;
    }
}
