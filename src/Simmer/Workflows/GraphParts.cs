using Simmer.Jobs;
using Simmer.Storage;

namespace Simmer.Workflows;

/// <summary>One step of a graph in the making.</summary>
internal sealed class Node(int number, IJob job, JobKind kind, EnqueueOptions? options, Entry entry)
{
    public int Number => number;

    public IJob Job => job;

    public JobKind Kind => kind;

    public EnqueueOptions? Options => options;

    public Entry Entry => entry;

    /// <summary>What its name begins with, and what it was given; without that it is named after its kind.</summary>
    public required string Path { get; init; }

    public string? GivenName { get; init; }

    public IJob? Undo { get; init; }

    public StepRole Role { get; init; }

    public string Name { get; set; } = string.Empty;

    public int Pending { get; set; }

    public StepNumbers Parents { get; set; } = StepNumbers.None;

    /// <summary>How many of its parents, the last ones, are seen through groups without members.</summary>
    public int ParentsThroughEmpty { get; set; }

    public LinkBuilder Next { get; } = new();

    /// <summary>The sets of exits it belongs to and that somebody follows.</summary>
    public List<Exits> MemberOf { get; } = [];

    public bool IsStrict => entry.Rule is StepRule.AllSucceeded or StepRule.NoneFailed;
}

/// <summary>Gathers links; those of one kind become one, whose numbers are kept as runs.</summary>
internal sealed class LinkBuilder
{
    private readonly List<(StepLinkKind Kind, IReadOnlyList<string> Labels, StepNumbers.Builder To)> _links = [];

    public bool IsEmpty => _links.Count == 0;

    public void Add(int to, StepLinkKind kind = StepLinkKind.Normal, IReadOnlyList<string>? labels = null)
    {
        var wanted = labels ?? [];
        foreach (var link in _links)
        {
            if (link.Kind == kind && link.Labels.SequenceEqual(wanted))
            {
                link.To.Add(to);
                return;
            }
        }

        var builder = new StepNumbers.Builder();
        builder.Add(to);
        _links.Add((kind, wanted, builder));
    }

    public IReadOnlyList<StepLink> ToLinks() => [.. _links.Select(static l => new StepLink(l.To.ToNumbers(), l.Kind, l.Labels))];
}

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

internal sealed class Gate(int number)
{
    public int Number => number;

    public int Pending { get; set; }

    public LinkBuilder Next { get; } = new();
}

/// <summary>Something that is waited for, and the branches for which it counts.</summary>
internal readonly record struct Source(Exits Exits, IReadOnlyList<string> Labels);

/// <summary>What the first steps of an element wait for, and by which rule they run; shared by all of them.</summary>
internal sealed class Entry(IReadOnlyList<Source> sources, StepRule rule)
{
    private Resolution? _resolved;

    public Entry(Exits exits)
        : this([new Source(exits, [])], StepRule.AllSucceeded)
    {
    }

    /// <summary>Waits for nobody. One for each graph: entries are filled as the graph is made.</summary>
    public static Entry Nothing => new([], StepRule.AllSucceeded);

    public StepRule Rule => rule;

    /// <summary>What is waited for, looking through elements without steps.</summary>
    public Resolution Resolved => _resolved ??= Resolve();

    private Resolution Resolve()
    {
        var direct = new List<Source>();
        var through = new List<Source>();
        var empty = new List<Type>();
        foreach (var source in sources)
        {
            if (source.Exits.Nodes.Count > 0)
            {
                direct.Add(source);
                continue;
            }

            empty.AddRange(source.Exits.EmptyOf);
            foreach (var before in source.Exits.PassedThrough)
            {
                through.AddRange(before.Resolved.All.Where(s => !direct.Contains(s) && !through.Contains(s)));
            }
        }

        return new Resolution([.. direct, .. through], direct.Count, empty);
    }

    /// <param name="All">What is waited for.</param>
    /// <param name="Direct">How many of it, the first ones, are waited for directly and not through elements without steps.</param>
    /// <param name="EmptyOf">What the members would have given of the groups that have none.</param>
    internal sealed record Resolution(IReadOnlyList<Source> All, int Direct, IReadOnlyList<Type> EmptyOf);
}
