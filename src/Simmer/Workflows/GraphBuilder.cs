using Simmer.Jobs;
using Simmer.Storage;

namespace Simmer.Workflows;

/// <summary>Makes the graph of a workflow from its elements: numbers and names the steps, links them, and adds the undo, OnFailure and
/// Finally steps.</summary>
internal sealed class GraphBuilder(Func<IJob, JobKind> kindOf)
{
    private readonly List<Node> _nodes = [];
    private readonly List<Gate> _gates = [];
    private readonly List<Scope> _scopes = [];
    private readonly Dictionary<Step, Exits> _exitsOf = [];

    public IReadOnlyList<Node> Nodes => _nodes;

    public IReadOnlyList<Gate> Gates => _gates;

    /// <summary>How many links lead to the end of the workflow; it has ended when all of them have been counted.</summary>
    public int EndPending { get; private set; }

    public Exits ExitsOf(Step step)
    {
        if (!_exitsOf.TryGetValue(step, out var exits))
        {
            _exitsOf.Add(step, exits = new Exits());
        }

        return exits;
    }

    public Exits AddStep(string path, string? name, IJob job, IJob? undo, EnqueueOptions? options, Entry before) =>
        Exits.Of(AddNode(new Node(_nodes.Count + 1, job, kindOf(job), options, before) { Path = path, GivenName = name, Undo = undo }));

    /// <summary>Begins a part of the graph that may have an OnFailure and a Finally step. Disposing of the scope ends the part.</summary>
    public Scope Open(TailStep? onFailure, TailStep? @finally, string path) => new(this, onFailure, @finally, path);

    /// <summary>Links the steps and adds those at the end, once all elements have been added.</summary>
    public void Finish()
    {
        var forward = _nodes.Count;
        NameForward();
        Connect();
        AddTail(forward);
        foreach (var node in _nodes)
        {
            LinkToEnd(node.Next);
        }

        // A gate around a part without steps never opens, and nothing waits for it.
        foreach (var gate in _gates.Where(static g => g.Pending > 0))
        {
            LinkToEnd(gate.Next);
        }
    }

    private Node AddNode(Node node)
    {
        if (_nodes.Count == WorkflowId.MaxSteps)
        {
            throw new ArgumentException(
                $"The workflow has more than {WorkflowId.MaxSteps:N0} steps, those included that undo. Let a step enqueue further "
                + "workflows.", "workflow");
        }

        _nodes.Add(node);
        return node;
    }

    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _namesGiven = new(StringComparer.Ordinal);

    private void NameForward()
    {
        foreach (var node in _nodes)
        {
            if (node.GivenName is { } given)
            {
                StepNames.Check(given);
                node.Name = node.Path + given;
                if (!_names.Add(node.Name))
                {
                    throw new ArgumentException($"Two steps are named '{node.Name}'; give each its own name.", "workflow");
                }
            }
        }

        // Steps without a given name come second, so that a given name never has to change because of them.
        foreach (var node in _nodes)
        {
            if (node.GivenName is null)
            {
                node.Name = FreeName(node.Path + node.Kind.Name);
            }
        }
    }

    private string FreeName(string wanted)
    {
        var name = wanted;
        while (!_names.Add(name))
        {
            var number = _namesGiven.GetValueOrDefault(wanted, 1) + 1;
            _namesGiven[wanted] = number;
            name = $"{wanted}-{number}";
        }

        return name;
    }

    private void Connect()
    {
        foreach (var node in _nodes)
        {
            foreach (var source in node.Entry.Resolved.All)
            {
                if (source.Labels.Count == 0)
                {
                    source.Exits.Followers.Add(node);
                }
            }
        }

        foreach (var node in _nodes)
        {
            var (sources, direct, _) = node.Entry.Resolved;
            node.Parents = sources.Count == 1 ? sources[0].Exits.Numbers : Numbers(sources);
            node.ParentsThroughEmpty = direct == sources.Count ? 0 : node.Parents.Count - Numbers(sources.Take(direct)).Count;
            foreach (var source in sources)
            {
                Connect(source, node);
            }
        }
    }

    private static StepNumbers Numbers(IEnumerable<Source> sources) =>
        StepNumbers.Of(sources.SelectMany(static s => s.Exits.Nodes.Select(static n => n.Number)).Distinct());

    private void Connect(in Source source, Node node)
    {
        var exits = source.Exits;
        if (source.Labels.Count > 0)
        {
            foreach (var parent in exits.Nodes)
            {
                Link(parent, node, StepLinkKind.Normal, source.Labels);
            }

            return;
        }

        if (exits.Followers[0] == node)
        {
            foreach (var parent in exits.Nodes)
            {
                parent.MemberOf.Add(exits);
            }

            // Where m steps are followed by n, a gate between them takes m + n links in place of m * n.
            if ((long)exits.Nodes.Count * exits.Followers.Count > exits.Nodes.Count + exits.Followers.Count)
            {
                exits.Gate = GateAfter(exits.Nodes);
            }
        }

        if (exits.Gate is { } gate)
        {
            gate.Next.Add(node.Number);
            node.Pending++;
            return;
        }

        foreach (var parent in exits.Nodes)
        {
            Link(parent, node);
        }
    }

    private Gate GateAfter(IEnumerable<Node> parents)
    {
        var gate = new Gate(-(_gates.Count + 1));
        _gates.Add(gate);
        foreach (var parent in parents)
        {
            parent.Next.Add(gate.Number);
            gate.Pending++;
        }

        return gate;
    }

    private static void Link(Node parent, Node child, StepLinkKind kind = StepLinkKind.Normal, IReadOnlyList<string>? labels = null)
    {
        parent.Next.Add(child.Number, kind, labels);
        child.Pending++;
    }

    private void LinkToEnd(LinkBuilder next)
    {
        if (next.IsEmpty)
        {
            next.Add(0);
            EndPending++;
        }
    }

    /// <summary>Adds the steps that come last: the undo steps in reverse order, when all ordinary steps are final; then the OnFailure
    /// steps; then the Finally steps. Each waits for the one before it.</summary>
    private void AddTail(int forward)
    {
        Node? previous = null;
        Gate? rootGate = null;
        for (var i = forward - 1; i >= 0; i--)
        {
            if (_nodes[i].Undo is { } undo)
            {
                rootGate ??= GateAround(0, forward);
                previous = AddUndo(_nodes[i], undo, rootGate, previous);
            }
        }

        // The scopes are in the order in which they ended: inner parts before outer ones.
        foreach (var scope in _scopes)
        {
            // A part without steps cannot fail, so its OnFailure step is left out.
            if (scope.OnFailure is { } onFailure && scope.To > scope.From)
            {
                previous = AddTailStep(onFailure, StepRole.OnFailure, scope, previous);
            }
        }

        foreach (var scope in _scopes)
        {
            if (scope.Finally is { } atEnd)
            {
                previous = AddTailStep(atEnd, StepRole.Finally, scope, previous);
            }
        }

        // A part without steps has no gate: nothing would ever open it, and the workflow would wait for it for ever.
        Gate? GateOf(Scope scope, StepRole role) => scope.To == scope.From ? null
            : role == StepRole.OnFailure ? GateAfter(_nodes[scope.From..scope.To])
            : scope.From == 0 && scope.To == forward ? rootGate ??= GateAround(0, forward)
            : GateAround(scope.From, scope.To);

        Node AddTailStep(TailStep tail, StepRole role, Scope scope, Node? before)
        {
            var rule = role == StepRole.OnFailure ? StepRule.AnyFailed : StepRule.AllDone;
            var node = AddNode(new Node(_nodes.Count + 1, tail.Job, kindOf(tail.Job), tail.Options,
                new Entry([], rule)) { Path = scope.Path, GivenName = tail.Name, Role = role });
            node.Name = node.GivenName is { } given
                ? Unique(scope.Path + given)
                : FreeName(scope.Path + (role == StepRole.OnFailure ? "on-failure" : "finally"));
            node.Parents = StepNumbers.OfRuns(scope.To > scope.From ? [new StepNumbers.Run(scope.From + 1, 1, scope.To - scope.From)] : []);
            After(node, GateOf(scope, role), before);
            return node;
        }
    }

    private string Unique(string name)
    {
        StepNames.Check(name);
        return _names.Add(name) ? name : throw new ArgumentException($"Two steps are named '{name}'; give each its own name.", "workflow");
    }

    private Node AddUndo(Node target, IJob undo, Gate gate, Node? previous)
    {
        var node =
            AddNode(new Node(_nodes.Count + 1, undo, kindOf(undo), null, Entry.Nothing) { Path = string.Empty, Role = StepRole.Undo });
        node.Name = FreeName(target.Name + "/undo");
        node.Parents = StepNumbers.Of(target.Number);
        Link(target, node, StepLinkKind.Target);
        After(node, gate, previous);
        return node;
    }

    private static void After(Node node, Gate? gate, Node? previous)
    {
        if (gate is not null)
        {
            gate.Next.Add(node.Number);
            node.Pending++;
        }

        if (previous is not null)
        {
            Link(previous, node, StepLinkKind.Order);
        }
    }

    /// <summary>A gate that opens when all steps of a part are final, and records whether one of them failed.</summary>
    /// <remarks>A step whose failure makes a step after it be skipped needs no link to the gate: that one reports the failure in its place,
    /// or passes it on to those after it, down to the last.</remarks>
    private Gate GateAround(int from, int to) =>
        GateAfter(_nodes[from..to]
            .Where(node => !node.MemberOf.Exists(e => e.Followers.Exists(f => f.IsStrict && f.Number > from && f.Number <= to))));

    /// <summary>A part of the graph with its OnFailure and Finally steps.</summary>
    internal sealed class Scope : IDisposable
    {
        private readonly GraphBuilder _graph;

        public Scope(GraphBuilder graph, TailStep? onFailure, TailStep? atEnd, string path) =>
            (_graph, OnFailure, Finally, Path, From) = (graph, onFailure, atEnd, path, graph._nodes.Count);

        public TailStep? OnFailure { get; }

        public TailStep? Finally { get; }

        public string Path { get; }

        /// <summary>The position of its first node.</summary>
        public int From { get; }

        /// <summary>The position after its last node.</summary>
        public int To { get; private set; }

        public void Dispose()
        {
            To = _graph._nodes.Count;
            if (OnFailure is not null || Finally is not null)
            {
                _graph._scopes.Add(this);
            }
        }
    }
}
