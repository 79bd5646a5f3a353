namespace Simmer.StoreTests.Graphs;

/// <summary>How every step of a graph must end: the rules as they are documented, applied to one step after another by plain
/// recursion.</summary>
internal sealed class Evaluation
{
    private readonly FlatGraph _graph;
    private readonly int _round;
    private readonly Evaluation? _before;
    private readonly Dictionary<string, Ended> _ended = [];

    /// <param name="graph">The graph.</param>
    /// <param name="round">Which round it is: 0 is the first.</param>
    /// <param name="before">The round before. What failed or was cancelled in it runs again.</param>
    public Evaluation(FlatGraph graph, int round, Evaluation? before)
    {
        (_graph, _round, _before) = (graph, round, before);
        foreach (var step in graph.Steps)
        {
            _ = EndOf(step);
        }

        var failed = _ended.Values.Any(static e => e.Failed);
        foreach (var step in graph.Steps.Where(static s => s.Undone))
        {
            EndTail(step.Name + "/undo", failed && _ended[step.Name].State == JobState.Succeeded, step.UndoIn(round), isUndo: true);
        }

        if (graph.OnFailure && graph.Steps.Count > 0)
        {
            EndTail("on-failure", failed, TailEnd);
        }

        if (graph.Finally)
        {
            EndTail("finally", true, TailEnd);
        }
    }

    public IEnumerable<string> Names => _ended.Keys;

    public WorkflowState State => _ended.Values.Any(static e => e.State == JobState.Failed) ? WorkflowState.Failed
        : _ended.Values.Any(static e => e.State == JobState.Cancelled) ? WorkflowState.Cancelled
        : WorkflowState.Succeeded;

    public JobState this[string name] => _ended[name].State;

    /// <summary>What a step returns that runs in this round; null if it is not to run.</summary>
    public Outcome? Run(string name) => _ended.TryGetValue(name, out var ended) && ended.Round == _round ? ended.Outcome : null;

    // The steps for a failure and for the end fail in the first round and succeed in the second, or the other way round.
    private JobState TailEnd => (_graph.Steps.Count + _round) % 2 == 0 ? JobState.Succeeded : JobState.Failed;

    private Ended EndOf(FlatStep step)
    {
        if (_ended.TryGetValue(step.Name, out var known))
        {
            return known;
        }

        var ended = _ended[step.Name] = Decide(step);
        for (var i = 1; i <= ended.Outcome.Added && ended.State == JobState.Succeeded; i++)
        {
            var (name, state) = (AddedName(step.Name, i), AddedEnd(step, i));
            _ended[name] = _before?._ended.GetValueOrDefault(name) is { State: JobState.Succeeded } done
                ? done
                : new Ended(state, false, new Outcome(state, null, 0), _round);
        }

        return ended;
    }

    private Ended Decide(FlatStep step)
    {
        if (_before?._ended[step.Name] is { State: JobState.Succeeded } done)
        {
            return done;
        }

        var (failed, broken, leftOut) = (false, false, false);
        foreach (var (parent, labels) in step.Parents)
        {
            var ended = EndOf(parent);
            var counts = ended.State == JobState.Succeeded && (labels.Length == 0 || labels.Contains(ended.Outcome.Branch));
            failed |= ended.Failed || (counts && AddedBy(parent, ended).Any(static a => a.Failed));
            broken |= ended.Broken;
            leftOut |= !counts && !ended.Failed && !ended.Broken;
        }

        var runs = step.Rule switch
        {
            StepRule.AllSucceeded => !failed && !broken && !leftOut,
            StepRule.AnyFailed => failed,
            StepRule.NoneFailed => !failed && !broken,
            _ => true,
        };
        return runs
            ? new Ended(step.In(_round).State, false, step.In(_round), _round)
            : new Ended(JobState.Skipped, failed || broken, Outcome.Plain, -1);
    }

    private IEnumerable<Ended> AddedBy(FlatStep step, Ended ended) =>
        Enumerable.Range(1, ended.Outcome.Added).Select(i => _ended[AddedName(step.Name, i)]);

    private JobState AddedEnd(FlatStep step, int i) =>
        step.Ends[(step.Turn + i + _round) % step.Ends.Length].State == JobState.Failed ? JobState.Failed : JobState.Succeeded;

    private void EndTail(string name, bool runs, JobState end, bool isUndo = false)
    {
        // An undo that ran stays as it is, whatever came of it.
        var ended = _before?._ended[name];
        _ended[name] = ended is { State: JobState.Succeeded } || (isUndo && ended is { State: not JobState.Skipped }) ? ended
            : runs ? new Ended(end, false, new Outcome(end, null, 0), _round)
            : new Ended(JobState.Skipped, false, Outcome.Plain, -1);
    }

    public static string AddedName(string adder, int i) => $"{adder}+{i}";

    /// <param name="State">How it ended.</param>
    /// <param name="Broken">Whether it was skipped because something before it had failed.</param>
    /// <param name="Outcome">What its run returned.</param>
    /// <param name="Round">In which round it ran.</param>
    private sealed record Ended(JobState State, bool Broken, Outcome Outcome, int Round)
    {
        public bool Failed => State is JobState.Failed or JobState.Cancelled;
    }
}
