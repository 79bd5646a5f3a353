using Simmer.Storage;

namespace Simmer.Workflows;

/// <summary>Gathers the links of a step. Links of one kind and label become one, whose numbers are stored as runs.</summary>
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
