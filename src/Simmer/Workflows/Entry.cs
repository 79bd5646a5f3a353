namespace Simmer.Workflows;

/// <summary>The exits of an element that is waited for, and the branches that it must have chosen; no branches: any will do.</summary>
internal readonly record struct Source(Exits Exits, IReadOnlyList<string> Labels);

/// <summary>What the first steps of an element wait for, and their rule. All first steps share it.</summary>
internal sealed class Entry(IReadOnlyList<Source> sources, StepRule rule)
{
    private Resolution? _resolved;

    public Entry(Exits exits)
        : this([new Source(exits, [])], StepRule.AllSucceeded)
    {
    }

    /// <summary>An entry that waits for nothing. It is made anew for each use, because an entry keeps what was resolved for one
    /// graph.</summary>
    public static Entry Nothing => new([], StepRule.AllSucceeded);

    public StepRule Rule => rule;

    /// <summary>What is waited for. An element without steps is replaced by what it waits for itself.</summary>
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

    /// <param name="All">Everything that is waited for: the direct sources first.</param>
    /// <param name="Direct">How many of them are waited for directly and not through elements without steps.</param>
    /// <param name="EmptyOf">The result types that the members of empty groups would have had.</param>
    internal sealed record Resolution(IReadOnlyList<Source> All, int Direct, IReadOnlyList<Type> EmptyOf);
}
