using Simmer.SimulationTests.Audit;
using Simmer.SimulationTests.Fleet;
using Simmer.SimulationTests.Running;

namespace Simmer.SimulationTests.Flows;

/// <summary>Draws a workflow with the public builders, and notes at the same time what it means.</summary>
internal sealed class FlowDraw(World world, FlowPlan flow)
{
    private const int Deepest = 2;

    private static readonly string[] s_branches = ["left", "right"];
    private static readonly Act[] s_setbacks = [Act.Throw, Act.ThrowAtOnce, Act.Retry, Act.Snooze, Act.Overrun, Act.Long, Act.Ignore];

    private readonly List<FlowScope> _open = [];

    public static FlowPlan Draw(World world, int number)
    {
        var flow = new FlowPlan(number);
        var draw = new FlowDraw(world, flow);
        var nothing = new Entry([], StepRule.AllSucceeded, AfterEmpty: false);
        flow.Element = world.Random.Next(5) switch
        {
            < 2 => draw.Chain(nothing, 0).Element,
            2 => draw.Group(nothing, 0).Element,
            _ => draw.Workflow(),
        };
        return flow;
    }

    private Workflow Workflow()
    {
        var drawn = new Workflow("drawn");
        var scope = Open();
        List<(Step Step, Exits Exits, FlowStep? Single)> items = [];
        for (var count = world.Random.Next(1, 8); count > 0; count--)
        {
            var parents = items.Where(_ => world.Chance(0.4)).ToList();
            var choices = parents.Select(p => p.Single?.Branch is not null && world.Chance(0.6)
                ? (IReadOnlyList<string>)[s_branches[world.Random.Next(2)]]
                : []).ToList();
            var isPart = world.Chance(0.25);
            var rule = world.Chance(0.6) || isPart ? StepRule.AllSucceeded : (StepRule)world.Random.Next(4);
            var befores = parents.SelectMany((p, i) => p.Exits.Befores
                .Select(b => choices[i].Count > 0 ? b with { Labels = choices[i] } : b)).ToList();
            var entry = new Entry(befores, rule, parents.Any(static p => p.Exits.Nodes.Count == 0));
            FlowStep? single = null;
            Step step;
            Exits exits;
            if (isPart)
            {
                var name = $"part{items.Count}";
                (var element, exits) = Part(entry, 1);
                step = drawn.Add(name, element);
            }
            else
            {
                single = Add(entry);
                exits = new Exits([single], []);
                step = drawn.Add(single.Label, single.Job, single.Undo?.Job, single.Options);
            }

            for (var i = 0; i < parents.Count; i++)
            {
                _ = choices[i].Count > 0 ? step.When(parents[i].Step, choices[i].ToArray()) : step.After(parents[i].Step);
            }

            _ = step.On(rule);
            items.Add((step, exits, single));
        }

        // A branch that no step waits for counts as misspelt, unless no step waits for any branch.
        foreach (var single in items.Select(static i => i.Single).OfType<FlowStep>())
        {
            var known = flow.Steps.SelectMany(static s => s.Parents).Where(b => b.Step == single).SelectMany(static b => b.Labels).ToList();
            single.Branch = known.Count == 0 || known.Contains(single.Branch!) ? single.Branch : null;
        }

        Close(scope, (job, name) => drawn.OnFailure(name, job), (job, name) => drawn.Finally(name, job));
        return drawn;
    }

    private (WorkflowElement Element, Exits Exits) Part(Entry entry, int depth) =>
        world.Chance(0.5) ? Chain(entry, depth) : Group(entry, depth);

    private (WorkflowElement Element, Exits Exits) Chain(Entry entry, int depth)
    {
        var scope = Open();
        Chain? chain = null;
        Exits? exits = null;
        for (var count = world.Random.Next(1, depth == 0 ? 6 : 4); count > 0; count--)
        {
            var next = exits is null ? entry : new Entry(exits.Befores, StepRule.AllSucceeded, exits.Nodes.Count == 0);
            if (depth < Deepest && world.Chance(0.35))
            {
                (var element, exits) = Part(next, depth + 1);
                chain = chain is null ? Simmer.Chain.Of(element) : chain.Then(element);
            }
            else
            {
                var step = Add(next);
                exits = new Exits([step], []);
                chain = chain is null
                    ? Simmer.Chain.Of(step.Label, step.Job, step.Undo?.Job, step.Options)
                    : chain.Then(step.Label, step.Job, step.Undo?.Job, step.Options);
            }
        }

        Close(scope, (job, name) => chain = chain!.OnFailure(name, job), (job, name) => chain = chain!.Finally(name, job));
        return (chain!, exits!);
    }

    private (WorkflowElement Element, Exits Exits) Group(Entry entry, int depth)
    {
        var group = Simmer.Group.Of();
        List<FlowStep> nodes = [];
        List<Before> through = [];
        for (var count = world.Random.Next(5); count > 0; count--)
        {
            if (depth < Deepest && world.Chance(0.25))
            {
                var (element, exits) = Part(entry, depth + 1);
                group = group.And(element);
                nodes.AddRange(exits.Nodes);
                through.AddRange(exits.Through);
            }
            else
            {
                var step = Add(entry);
                nodes.Add(step);
                group = group.And(step.Label, step.Job, step.Undo?.Job, step.Options);
            }
        }

        return (group, new Exits(nodes, nodes.Count + through.Count == 0 ? entry.Befores : through));
    }

    private FlowStep Add(Entry entry)
    {
        var story = NewStory();
        var step = new FlowStep(flow, flow.Steps.Count, story)
        {
            Rule = entry.Rule,
            Parents = entry.Befores,
            Takes = TakesAfter(entry.Befores, entry.Rule, entry.AfterEmpty),
            Branch = world.Chance(0.3) ? s_branches[world.Random.Next(2)] : null,
            Options = NewOptions(story),
        };
        flow.Steps.Add(step);
        _open.ForEach(scope => scope.Steps.Add(step));
        if (world.Chance(0.3))
        {
            // Undo steps have no options of their own, so those of their kind apply.
            step.Undo = new FlowStep(flow, flow.Steps.Count, new Story(NewScript(), FleetOptions.KindTimeLimit))
            {
                Role = StepRole.Undo,
                Target = step,
                Parents = [new Before(step, [])],
                Takes = world.Chance(0.7) ? Takes.Nearest : Takes.Nothing,
            };
            flow.Steps.Add(step.Undo);
        }

        if (world.Chance(0.12))
        {
            AddAdded(step, mayGoOn: true);
        }

        return step;
    }

    private void AddAdded(FlowStep adder, bool mayGoOn)
    {
        for (var count = world.Random.Next(1, 4); count > 0; count--)
        {
            var parents = adder.Adds.Where(_ => world.Chance(0.3)).Select(static s => new Before(s, [])).ToList();
            var rule = parents.Count == 0 || world.Chance(0.6) ? StepRule.AllSucceeded : (StepRule)world.Random.Next(4);
            var story = NewStory();
            var step = new FlowStep(flow, flow.Steps.Count, story)
            {
                AddedBy = adder,
                Rule = rule,
                Parents = parents,
                Takes = parents.Count > 0
                    ? TakesAfter(parents, rule, afterEmpty: false)
                    : world.Chance(0.5)
                    ? Takes.Nearest
                    : Takes.Nothing,
                Options = NewOptions(story),
            };
            flow.Steps.Add(step);
            adder.Adds.Add(step);
            if (mayGoOn && world.Chance(0.15))
            {
                AddAdded(step, mayGoOn: false);
            }
        }
    }

    // A step that takes the nearest result fails without it, so it takes one only where there is one.
    private Takes TakesAfter(IReadOnlyList<Before> befores, StepRule rule, bool afterEmpty) =>
        befores.Count == 0 || afterEmpty || world.Chance(0.5) ? Takes.Nothing
        : befores.Count == 1 && rule == StepRule.AllSucceeded && world.Chance(0.6) ? Takes.Nearest
        : Takes.All;

    private FlowScope Open()
    {
        var scope = new FlowScope();
        _open.Add(scope);
        return scope;
    }

    private void Close(FlowScope scope, Action<IJob, string> onFailure, Action<IJob, string> atEnd)
    {
        _ = _open.Remove(scope);
        if (scope.Steps.Count > 0 && world.Chance(0.3))
        {
            scope.OnFailure = Tail(scope, StepRole.OnFailure);
            onFailure(scope.OnFailure.Job, scope.OnFailure.Label);
        }

        if (world.Chance(0.3))
        {
            scope.Finally = Tail(scope, StepRole.Finally);
            atEnd(scope.Finally.Job, scope.Finally.Label);
        }

        flow.Scopes.Add(scope);
    }

    private FlowStep Tail(FlowScope scope, StepRole role)
    {
        var step = new FlowStep(flow, flow.Steps.Count, new Story(NewScript(), FleetOptions.KindTimeLimit))
        {
            Role = role,
            Scope = scope,
            Takes = scope.Steps.Count > 0 && world.Chance(0.5) ? Takes.All : Takes.Nothing,
        };
        flow.Steps.Add(step);
        return step;
    }

    private Story NewStory() => new(NewScript(), world.Between(3, 30));

    private List<Act> NewScript()
    {
        List<Act> script = [];
        while (world.Chance(0.2))
        {
            script.Add(s_setbacks[world.Random.Next(s_setbacks.Length)]);
        }

        script.Add(world.Random.Next(40) switch
        {
            < 4 => Act.Fail,
            4 => Act.Cancel,
            5 when world.Chance(0.2) => Act.Kill,
            < 24 => Act.SucceedAtOnce,
            _ => Act.Succeed,
        });
        return script;
    }

    private EnqueueOptions NewOptions(Story story) => new()
    {
        Queue = FleetOptions.Queues[world.Random.Next(FleetOptions.Queues.Length)],
        Priority = world.Random.Next(-1, 2),
        Delay = world.Chance(0.1) ? world.Between(0.01, 10) : null,
        MaxAttempts = world.Random.Next(1, 6),
        TimeLimit = story.TimeLimit,
        ExpiresIn = world.Chance(0.03) ? world.Between(0.5, 30) : null,
    };

    /// <summary>What a part of the workflow waits for.</summary>
    private sealed record Entry(IReadOnlyList<Before> Befores, StepRule Rule, bool AfterEmpty);

    /// <summary>What the steps after a part wait for: its last steps, or, if it has none, what the part itself waits for.</summary>
    private sealed record Exits(IReadOnlyList<FlowStep> Nodes, IReadOnlyList<Before> Through)
    {
        public IReadOnlyList<Before> Befores =>
            Nodes.Count > 0 ? [.. Nodes.Select(static n => new Before(n, []))] : [.. Through.Distinct()];
    }
}
