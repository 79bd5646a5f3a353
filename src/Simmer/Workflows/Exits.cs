using Simmer.Storage;

namespace Simmer.Workflows;

/// <summary>The steps at the end of an element: whoever follows it waits for all of them.</summary>
internal sealed class Exits
{
    private readonly List<Node> _nodes = [];
    private readonly List<Entry> _through = [];
    private readonly List<Type> _emptyOf = [];

    public IReadOnlyList<Node> Nodes => _nodes;

    /// <summary>What the element itself comes after, where it has no step of its own.</summary>
    public IReadOnlyList<Entry> PassedThrough => _through;

    /// <summary>What the members would have given of the groups in it that have none.</summary>
    public IReadOnlyList<Type> EmptyOf => _emptyOf;

    /// <summary>Who follows without caring for a branch.</summary>
    public List<Node> Followers { get; } = [];

    public Gate? Gate { get; set; }

    /// <summary>The numbers of the nodes; the same object for all that follow.</summary>
    public StepNumbers Numbers => field ??= StepNumbers.Of(_nodes.Select(static n => n.Number));

    public static Exits Of(Node node)
    {
        var exits = new Exits();
        exits._nodes.Add(node);
        return exits;
    }

    /// <param name="before">What the element without steps comes after.</param>
    /// <param name="emptyOf">What its members would have given; null: nothing in particular.</param>
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
