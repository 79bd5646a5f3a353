using Simmer.Storage;

namespace Simmer.Workflows;

/// <summary>The steps at the end of an element: what follows the element waits for all of them.</summary>
internal sealed class Exits
{
    private readonly List<Node> _nodes = [];
    private readonly List<Entry> _through = [];
    private readonly List<Type> _emptyOf = [];

    public IReadOnlyList<Node> Nodes => _nodes;

    /// <summary>What the element waits for itself, if it has no steps.</summary>
    public IReadOnlyList<Entry> PassedThrough => _through;

    /// <summary>The result types that the members of empty groups in it would have had.</summary>
    public IReadOnlyList<Type> EmptyOf => _emptyOf;

    /// <summary>The steps that wait for these exits whatever branch they choose.</summary>
    public List<Node> Followers { get; } = [];

    public Gate? Gate { get; set; }

    /// <summary>The numbers of the nodes. All followers share the object.</summary>
    public StepNumbers Numbers => field ??= StepNumbers.Of(_nodes.Select(static n => n.Number));

    public static Exits Of(Node node)
    {
        var exits = new Exits();
        exits._nodes.Add(node);
        return exits;
    }

    /// <param name="before">What the element without steps waits for.</param>
    /// <param name="emptyOf">The result type that its members would have had; null: none in particular.</param>
    public static Exits Through(Entry before, Type? emptyOf)
    {
        var exits = new Exits();
        exits._through.Add(before);
        if (emptyOf is not null)
        {
            exits._emptyOf.Add(emptyOf);
        }

        return exits;
    }

    public void Add(Exits other)
    {
        _nodes.AddRange(other._nodes);
        _through.AddRange(other._through);
        _emptyOf.AddRange(other._emptyOf);
    }
}
