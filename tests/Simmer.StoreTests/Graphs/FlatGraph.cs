using Simmer.StoreTests.Workflows;

namespace Simmer.StoreTests.Graphs;

/// <summary>A random graph taken apart into steps and their parents by the definitions, without the builder; and the same as the builder
/// takes it.</summary>
internal sealed class FlatGraph
{
    private readonly RandomGraph _graph;

    /// <summary>The last steps of each element, for which the following ones wait.</summary>
    private readonly List<FlatStep[]> _exits = [];

    /// <summary>What each element waits for.</summary>
    private readonly List<FlatParent[]> _entries = [];

    public FlatGraph(RandomGraph graph)
    {
        _graph = graph;
        for (var i = 0; i < graph.Elements.Count; i++)
        {
            Flatten(graph.Elements[i], i);
        }
    }

    /// <summary>The ordinary steps, each after its parents.</summary>
    public List<FlatStep> Steps { get; } = [];

    public bool OnFailure => _graph.OnFailure;

    public bool Finally => _graph.Finally;

    public Workflow ToWorkflow() => ToWorkflow(static () => new Letter());

    /// <param name="letter">Makes the job of the next step.</param>
    public Workflow ToWorkflow(Func<Letter> letter)
    {
        var flow = new Workflow();
        var steps = new List<Step>();
        foreach (var element in _graph.Elements)
        {
            var name = $"s{steps.Count}";
            var undo = element.Undone ? letter() : null;
            var step = element.Members < 0 ? flow.Add(name, letter(), undo) : flow.Add(name, Members(element, letter, undo));
            foreach (var (parent, labels) in Parents(element, steps.Count))
            {
                _ = labels.Length == 0 ? step.After(steps[parent]) : step.When(steps[parent], labels);
            }

            steps.Add(step.On(element.Rule));
        }

        if (OnFailure)
        {
            _ = flow.OnFailure(letter());
        }

        return Finally ? flow.Finally(letter()) : flow;
    }

    private static Group Members(RandomElement element, Func<Letter> letter, Letter? undo)
    {
        var group = Group.Of();
        for (var m = 1; m <= element.Members; m++)
        {
            group = element.Deep
                ? group.And(Chain.Of($"m{m}a", letter(), undo).Then($"m{m}b", letter(), undo))
                : group.And($"m{m}", letter(), undo);
        }

        return group;
    }

    private void Flatten(RandomElement element, int position)
    {
        // A group without members is replaced by what it waits for itself.
        FlatParent[] entry = [.. Parents(element, position).SelectMany(p => _graph.Elements[p.Position].Members == 0
            ? _entries[p.Position]
            : [.. _exits[p.Position].Select(step => new FlatParent(step, p.Labels))])];
        _entries.Add(entry);
        if (element.Members < 0)
        {
            _exits.Add([Add(element, $"s{position}", 0, entry, element.Rule)]);
            return;
        }

        var exits = new List<FlatStep>();
        for (var m = 1; m <= element.Members; m++)
        {
            var name = $"s{position}/m{m}";
            if (element.Deep)
            {
                var first = Add(element, name + "a", m, entry, element.Rule);
                exits.Add(Add(element, name + "b", m + 2, [new FlatParent(first, [])], StepRule.AllSucceeded));
            }
            else
            {
                exits.Add(Add(element, name, m, entry, element.Rule));
            }
        }

        _exits.Add([.. exits]);
    }

    private FlatStep Add(RandomElement element, string name, int turn, FlatParent[] parents, StepRule rule)
    {
        var step = new FlatStep(name, parents, rule, element.Undone, element.Ends, turn);
        Steps.Add(step);
        return step;
    }

    private static IEnumerable<(int Position, string[] Labels)> Parents(RandomElement element, int position) =>
        position == 0 ? [] : element.Parents
        .DistinctBy(p => p.Which % position)
        .Select(p => (p.Which % position, p.Labels.Split('|', StringSplitOptions.RemoveEmptyEntries)));
}

internal sealed record FlatParent(FlatStep Step, string[] Labels);

/// <param name="Name">Its name.</param>
/// <param name="Parents">Whom it waits for.</param>
/// <param name="Rule">Its rule.</param>
/// <param name="Undone">Whether it has an undo.</param>
/// <param name="Ends">How its runs end.</param>
/// <param name="Turn">Where in these it begins.</param>
internal sealed record FlatStep(string Name, FlatParent[] Parents, StepRule Rule, bool Undone, Outcome[] Ends, int Turn)
{
    /// <summary>How it ends if it runs in this round of the workflow. The second round is that after a retry.</summary>
    public Outcome In(int round) => Ends[(Turn + (round * 2)) % Ends.Length];

    public JobState UndoIn(int round) => Ends[(Turn + round + 1) % Ends.Length].State;

    public override string ToString() => Name;
}
