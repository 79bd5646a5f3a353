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

    public IReadOnlyList<Node> Nodes => _nodes;

    /// <summary>What the element itself comes after, where it has no step of its own.</summary>
    public IReadOnlyList<Entry> PassedThrough => _through;

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

    public static Exits Through(Entry before)
    {
        var exits = new Exits();
        exits._through.Add(before);
        return exits;
    }

    public void Add(Exits other)
    {
        _nodes.AddRange(other._nodes);
        _through.AddRange(other._through);
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
    public static readonly Entry Nothing = new([], StepRule.AllSucceeded);

    public Entry(Exits exits)
        : this([new Source(exits, [])], StepRule.AllSucceeded)
    {
    }

    public StepRule Rule => rule;

    /// <summary>Looks through elements without steps.</summary>
    public (IReadOnlyList<Source> Sources, bool AfterEmpty) Resolved => _resolved ??= Resolve();

    private (IReadOnlyList<Source> Sources, bool AfterEmpty)? _resolved;

    private (IReadOnlyList<Source> Sources, bool AfterEmpty) Resolve()
    {
        var resolved = new List<Source>();
        var afterEmpty = false;
        foreach (var source in sources)
        {
            if (source.Exits.Nodes.Count > 0)
            {
                resolved.Add(source);
                continue;
            }

            afterEmpty = true;
            foreach (var before in source.Exits.PassedThrough)
            {
                resolved.AddRange(before.Resolved.Sources.Where(s => !resolved.Contains(s)));
            }
        }

        return (resolved, afterEmpty);
    }
}
