namespace Simmer.Workflows;

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
